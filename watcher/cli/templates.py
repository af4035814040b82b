"""`watcher templates`: what answers there are, whether they work, how one reads, and making them one's own."""

from __future__ import annotations

from dataclasses import asdict
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from watcher import review, wiring
from watcher.cli import screen
from watcher.cli.ending import DONE, WRONG
from watcher.cli.options import as_json, print_json
from watcher.domain import message, reading
from watcher.domain.misplaced import SUFFIX
from watcher.domain.reading import Trust
from watcher.domain.values import Draft, Reading
from watcher.errors import GiveUp
from watcher.person.trial import Finding
from watcher.person.workshop import Difference, Key, Tried


@click.group()
def templates() -> None:
    """List, check, preview and change the reply templates."""


@templates.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List every template and where it comes from."""
    table = Table("template", "from")
    for entry in wiring.workshop().templates.listing():
        if as_json:
            print_json(asdict(entry))
        table.add_row(Text(f"{entry.language}/{entry.name}"), Text(entry.origin))
    if not as_json:
        screen.out().print(table)


@templates.command()
@as_json
def check(*, as_json: bool) -> int:
    """Look each template over, and try it on every sample invitation."""
    workshop = wiring.workshop()
    found = workshop.check()
    for finding in found:
        if as_json:
            print_json(asdict(finding))
        else:
            _print_finding(finding)
    errors = sum(1 for finding in found if finding.is_error)
    if not as_json:
        told = f"{_counted(errors, 'error')}, {_counted(len(found) - errors, 'warning')}"
        screen.out().print(f"{_counted(len(workshop.templates.listing()), 'template')}: {told}.")
    return WRONG if errors else DONE


@templates.command()
@click.argument("name", metavar="[LANGUAGE/]NAME")
@click.option("--for", "subject", metavar="ID|FILE", help="An invitation of the ledger, or a saved mail.")
@click.option("--language", default="", help="The language, where NAME has none and it is not the invitation's.")
@as_json
def preview(*, name: str, subject: str | None, language: str, as_json: bool) -> None:
    """Print the finished message that a template makes, as it would stand in Drafts."""
    workshop = wiring.workshop()
    about = workshop.samples[0] if subject is None else _invitation(subject)
    made = workshop.preview(name, about, language)
    if as_json:
        print_json(_shape_of_draft(made))
    else:
        screen.out().print(screen.draft_panel(made.content))


@templates.command()
@click.argument("source", metavar="LANGUAGE/NAME")
@click.option("--as", "target", metavar="LANGUAGE/NAME", help="Another name, such as en/generic.short for a variant.")
@click.option("--force", is_flag=True, help="Move a text of yours that is there already aside.")
def copy(*, source: str, target: str | None, force: bool) -> None:
    """Copy a template into your own folder, to be changed there."""
    workshop = wiring.workshop()
    done = workshop.copy(Key.of(source), Key.of(target or source), force=force)
    if done.kept:
        screen.err().print(Text(f"what you had there is now {done.kept}"))
    screen.out().print(Text(done.path), soft_wrap=True)
    shown = target or source
    screen.err().print(
        Text(f"Used from now on. Change it, then: watcher templates check, watcher templates preview {shown}")
    )


@templates.command()
@click.argument("name", metavar="LANGUAGE/NAME")
def restore(*, name: str) -> None:
    """Use the shipped template again; your own text is moved aside, not deleted."""
    key = Key.of(name)
    restored = wiring.workshop().restore(key.language, key.name)
    screen.err().print(Text(f"{restored.now} Your text is kept:"))
    screen.out().print(Text(restored.kept), soft_wrap=True)


@templates.command()
@click.argument("name", metavar="[LANGUAGE/NAME]", required=False)
@as_json
def diff(*, name: str | None, as_json: bool) -> None:
    """Show where your own templates differ from the shipped ones."""
    found = wiring.workshop().differences(Key.of(name) if name else None)
    for one in found:
        if as_json:
            print_json(_shape_of_difference(one))
        else:
            _print_difference(one)
    if not found:
        screen.err().print("You have no templates of your own: `watcher templates copy en/generic` begins one.")


@templates.command("try")
@click.argument("name", metavar="[LANGUAGE/NAME|FILE]", required=False)
@click.option("--last", default=50, show_default=True, type=click.IntRange(1), help="How many invitations.")
@click.option("--as", "target", metavar="LANGUAGE/NAME", help="The template that FILE is to replace.")
@as_json
def try_(*, name: str | None, last: int, target: str | None, as_json: bool) -> int:
    """Show what the templates of today, or a FILE of yours, would change in the answers to past invitations.

    Nothing is changed. A FILE is compared with the template that it would replace, all else with the drafts that were
    made.
    """
    workshop = wiring.workshop()
    with wiring.open_house() as house:
        records = house.ledger.listing()[:last]
    file = Path(name) if name and Path(name).is_file() else None
    if file is not None:
        key = Key.of(target) if target else _key_of(file)
        workshop.refuse_unasked(key, records)
        tried = workshop.try_out(_text_of(file), key.language, key.name, records)
    else:
        tried = workshop.against_drafts(records, Key.of(name) if name else None)
    for one in tried:
        if as_json:
            print_json(_shape_of_tried(one))
        elif not one.is_same:
            _print_tried(one)
    if not as_json:
        _print_summary(tried, len(records))
    return WRONG if any(one.problem for one in tried) else DONE


# -------------------------------------------------------------------------------------------------------- what is meant


def _invitation(subject: str) -> Reading:
    if subject.isascii() and subject.isdecimal():
        with wiring.open_house_of(int(subject)) as house:
            return review.find(house.ledger, int(subject)).reading
    mail = next(wiring.read_saved(subject), None)
    if mail is None:
        raise GiveUp(f"{subject}: no mail in it")
    return reading.read(message.parse(mail.content), Trust())


def _key_of(file: Path) -> Key:
    """Which template a file is for, told by where it lies."""
    place = file.absolute()
    if not place.name.endswith(SUFFIX):
        raise GiveUp(f"{file}: say with --as which template it is to replace, such as --as en/generic")
    return Key.of(f"{place.parent.name}/{place.name.removesuffix(SUFFIX)}")


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GiveUp(f"{file} cannot be read: {error}. Save it as UTF-8") from error


# ------------------------------------------------------------------------------------------------------ how it is shown


def _print_finding(finding: Finding) -> None:
    sign, style = ("✗", "red") if finding.is_error else ("!", "yellow")
    text = Text(f"{sign} {finding.where}: {screen.plain(finding.what)}", style=style)
    screen.out().print(text.append(f"\n  → {screen.plain(finding.remedy)}", style="default"), soft_wrap=True)


def _print_difference(one: Difference) -> None:
    console = screen.out()
    if one.shipped is None:
        console.print(
            Text(f"{one.key}: yours alone, nothing is shipped to compare it with ({one.path})"), soft_wrap=True
        )
        return
    if one.has_moved_on:
        console.print(Text(f"{one.key}: the shipped one has changed since you copied it", style="yellow"))
    if not one.lines:
        console.print(Text(f"{one.key}: the same as the shipped one ({one.path})"), soft_wrap=True)
    _print_lines(one.lines)


def _print_tried(one: Tried) -> None:
    name = f"no. {one.number} · {screen.plain(one.who)}"
    change = f"{one.before}" if one.before == one.after else f"{one.before} → {one.after}"
    screen.out().print(Text(f"{name} · {change}", style="bold"), soft_wrap=True)
    if one.problem:
        screen.out().print(Text(f"✗ {screen.plain(one.problem)}", style="red"), soft_wrap=True)
    _print_lines(one.lines)


def _print_summary(tried: tuple[Tried, ...], looked_at: int) -> None:
    broken = sum(1 for one in tried if one.problem)
    same = sum(1 for one in tried if one.is_same)
    changed = len(tried) - broken - same
    told = f"different {changed}, the same {same}" + (f", failed {broken}" if broken else "")
    screen.out().print(f"Tried on {len(tried)} of the last {_counted(looked_at, 'invitation')}: {told}.")


def _print_lines(lines: tuple[str, ...]) -> None:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        screen.out().print(Text(screen.plain(line), style=styles.get(line[:1], "default")), soft_wrap=True)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _shape_of_draft(draft: Draft) -> dict[str, object]:
    mail = message_from_bytes(draft.content, policy=default)
    body = mail.get_body(("plain",))
    heads = {name.lower(): str(mail[name]) if mail[name] else None for name in ("From", "To", "Subject")}
    text = body.get_content().replace("\r\n", "\n") if body else ""
    return {"template": draft.template, "language": draft.language, **heads, "text": text}


def _shape_of_difference(one: Difference) -> dict[str, object]:
    shipped = str(one.shipped) if one.shipped else None
    return {"template": str(one.key), "path": one.path, "shipped": shipped, "shipped_has_changed": one.has_moved_on,
            "diff": list(one.lines)}  # fmt: skip


def _shape_of_tried(one: Tried) -> dict[str, object]:
    return {"id": one.number, "who": one.who, "before": str(one.before), "after": str(one.after),
            "diff": list(one.lines), "problem": one.problem}  # fmt: skip
