"""`watcher know`: whom the person knows, beside their address book."""

from __future__ import annotations

import click

from watcher import wiring
from watcher.cli import screen
from watcher.cli.options import account, as_json, print_json
from watcher.domain.acquaintances import kept_as
from watcher.errors import GiveUp


@click.command()
@click.argument("person", required=False)
@click.option("--forget", is_flag=True, help="Take it back.")
@click.option("--list", "listed", is_flag=True, help="List whom you said to know.")
@account
@as_json
def know(*, person: str | None, forget: bool, listed: bool, account: str | None, as_json: bool) -> None:
    """Say that you know PERSON: a name, an address, or the address of a LinkedIn profile.

    They are not asked why they write (WATCHER_KNOWN says what they get instead).
    """
    if (person is None) is not listed:
        raise click.UsageError("name one person, or say --list")
    if person is None:
        _list(account, as_json=as_json)
        return
    kept = kept_as(person)
    with wiring.open_house(account) as house:
        mailbox, ledger = house.account.name, house.ledger
        if forget and not ledger.unknow(mailbox, kept):
            raise GiveUp(f"{kept} was not kept: `watcher know --list` shows who is")
        is_new = not forget and ledger.know(mailbox, kept, house.clock.now())
    if as_json:
        print_json({"person": kept, "known": not forget})
    elif forget:
        screen.err().print(f"{kept} is forgotten.", markup=False)
    else:
        screen.err().print(f"{kept} is {'kept' if is_new else 'kept already'}.", markup=False)


def _list(account: str | None, *, as_json: bool) -> None:
    with wiring.open_house(account) as house:
        known = house.ledger.known(house.account.name)
    for person in known:
        if as_json:
            print_json({"person": person, "known": True})
        else:
            screen.out().print(screen.plain(person), markup=False)
    if not known:
        screen.err().print("Nobody yet: `watcher know PERSON` keeps one.")
