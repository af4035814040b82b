"""`watcher drafts` and what a person decides about one of its rows: `show`, `draft`, `redraft`, and so on."""

from __future__ import annotations

from typing import IO

import click
from rich.text import Text

from watcher import review, wiring
from watcher.cli import screen, shapes
from watcher.cli.options import account, as_json, print_json
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.errors import Problem, Show
from watcher.person import correcting
from watcher.ports import Record


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@account
@as_json
@click.pass_context
def drafts(context: click.Context, *, state: str | None, account: str | None, as_json: bool) -> None:
    """List the invitations and their drafts, newest first."""
    if context.invoked_subcommand is not None:
        return
    with wiring.open_houses(account) as houses:
        listed = [row for ledger in houses.ledgers() for row in ledger.listing(State(state) if state else None)]
        addresses = {house.account.name for house in houses.by_name.values()}
    records = [row for row in listed if account is None or row.account in addresses]
    if as_json:
        for record in records:
            print_json(shapes.of_record(record))
    elif records:
        screen.out().print(screen.records_table(records))
        for record in records:
            screen.print_choice(record)
    elif listed or state:
        screen.err().print(f"None {'is ' + state if state else 'is of ' + str(account)}.", markup=False)
    else:
        screen.err().print("Nothing here yet: `watcher once` looks over the mailbox.")


@click.command()
@click.argument("number", type=int, metavar="ID")
@account
@as_json
def show(*, number: int, account: str | None, as_json: bool) -> None:
    """Show one invitation: the note, the verdict, the draft, and its history."""
    with wiring.open_house_of(number, account) as house:
        _tell(review.find(house.ledger, number), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@account
@as_json
def draft(*, number: int, account: str | None, as_json: bool) -> None:
    """Draft the answer to an invitation that was held, skipped or thrown away, or whose draft is uncertain."""
    with wiring.open_house_of(number, account) as house:
        _tell(review.draft(number, house.account, house.ports()), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--template", metavar="NAME", help="The template to use, as `watcher templates list` names it.")
@click.option("--language", metavar="CODE", help="The language to answer in, one of WATCHER_LANGUAGES.")
@account
@as_json
def redraft(*, number: int, template: str | None, language: str | None, account: str | None, as_json: bool) -> None:
    """Put a new draft in the place of one that you have not changed, or have thrown away."""
    with wiring.open_house_of(number, account) as house:
        choice = review.Choice(template, language)
        _tell(review.redraft(number, house.account, house.ports(), house.removal(), choice), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="[ID]", required=False)
@click.option("--untouched", is_flag=True, help="Every draft that you have not changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@account
@as_json
def discard(*, number: int | None, untouched: bool, yes: bool, account: str | None, as_json: bool) -> None:
    """Remove a draft that you have not changed; leave what is held, uncertain or could not be read as it is."""
    if (number is None) is not untouched:
        raise click.UsageError("name one invitation, or say --untouched")
    if number is None:
        _clear(account, is_meant=yes, as_json=as_json)
        return
    with wiring.open_house_of(number, account) as house:
        _tell(review.discard(number, house.account, house.ports(), house.removal()), as_json=as_json)


def _clear(account: str | None, *, is_meant: bool, as_json: bool) -> None:
    """Remove all that nobody touched, in every mailbox or the one of that name."""
    if as_json and not is_meant:
        raise click.UsageError("--json asks nothing: say --yes as well")
    with wiring.open_houses(account) as houses:
        having = [one for one in houses.by_name.values() if review.untouched(one.ledger, one.account.name)]
        count = sum(len(review.untouched(house.ledger, house.account.name)) for house in having)
        if not count:
            screen.err().print("There is no draft that you have not changed.")
        elif not is_meant and not click.confirm(f"Remove {count:,} drafts that you have not changed?", err=True):
            screen.err().print("Nothing was removed.")
        else:
            for house in having:
                _tell_cleared(review.discard_untouched(house.account, house.ports(), house.removal()), as_json=as_json)


def _tell_cleared(cleared: review.Cleared, *, as_json: bool) -> None:
    if as_json:
        for number in cleared.removed:
            print_json({"id": number, "removed": True, "why": None})
        for number, why in cleared.left:
            print_json({"id": number, "removed": False, "why": why})
        return
    for number, why in cleared.left:
        screen.err().print(Text(f"no. {number} is left: {screen.plain(why.removeprefix(f'no. {number}: '))}"))
    screen.err().print(f"{len(cleared.removed):,} removed, {len(cleared.left):,} left.")


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.argument("file", type=click.File("rb"))
@account
@as_json
def save(*, number: int, file: IO[bytes], account: str | None, as_json: bool) -> None:
    """Put your own words, the text of FILE (UTF-8; - is standard input), in the place of a draft you have not changed.

    The block for you alone, where the answer is to be pasted, is added by itself.
    """
    text = _text(file)
    with wiring.open_house_of(number, account) as house:
        draft = review.find(house.ledger, number).draft
        edit = review.Edit(text, draft.intent.revision if draft else 0)
        _tell(review.save(number, edit, house.account, house.ports(), house.removal()), as_json=as_json)


def _text(file: IO[bytes]) -> str:
    """Raises Show where it is no UTF-8."""
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"is no UTF-8 (octet {error.start + 1})"
        raise Show(Problem(file.name, what, "save it as UTF-8; nothing was changed")) from error


@click.command()
@click.argument("number", type=int, metavar="ID")
@account
@as_json
def pasted(*, number: int, account: str | None, as_json: bool) -> None:
    """Keep that you have pasted the answer on LinkedIn. Its draft stays where it is."""
    with wiring.open_house_of(number, account) as house:
        _tell(review.pasted(number, house.ledger, house.clock), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.argument("verdict", type=click.Choice([str(VerdictKind.GENERIC), str(VerdictKind.PERSONALISED)]))
@account
@as_json
def judge(*, number: int, verdict: str, account: str | None, as_json: bool) -> None:
    """Correct a verdict: the same words are judged so from now on.

    The draft is replaced by one that fits, unless you have changed or sent it.
    """
    with wiring.open_house_of(number, account) as house:
        judged = correcting.judge(number, VerdictKind(verdict), house.account, house.ports(), house.removal())
    if as_json:
        print_json({**shapes.of_record(judged.record), "told": judged.told})
    else:
        _tell(judged.record, as_json=False)
        screen.err().print(Text(f"no. {number}: {screen.plain(judged.told)}."))


def _tell(record: Record, *, as_json: bool) -> None:
    if as_json:
        print_json(shapes.of_record(record))
    else:
        screen.print_record(record)
        screen.print_choice(record)


for command in (show, draft, redraft, save, discard, pasted, judge):
    drafts.add_command(command)
