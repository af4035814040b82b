"""Which folder holds drafts or sent mail: the setting, else SPECIAL-USE in any case, else a name in any language."""

from itertools import combinations

import pytest

from watcher.adapters.special_folders import DRAFTS, JUNK, SENT, Folder, SpecialUse, find_drafts, find_junk, find_sent
from watcher.errors import Show


def _folders(*lines: tuple[str, str], separator: str = "/") -> list[Folder]:
    return [Folder(frozenset(flags.split()), separator, name) for flags, name in lines]


def test_the_setting_wins() -> None:
    assert find_drafts(_folders((r"\drafts", "Drafts"), ("", "Letters")), "Letters") == "Letters"


def test_a_setting_that_is_no_folder_names_those_there_are() -> None:
    with pytest.raises(Show, match=r"Letters.*Drafts"):
        find_drafts(_folders((r"\drafts", "Drafts")), "Letters")


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (_folders((r"\drafts", "[Gmail]/Entwürfe"), ("", "Drafts")), "[Gmail]/Entwürfe"),
        (_folders(("", "INBOX"), ("", "INBOX.Drafts"), separator="."), "INBOX.Drafts"),
        (_folders(("", "Archive/Drafts"), ("", "Drafts")), "Drafts"),
        (_folders(("", "Projects/Drafts"), ("", "Brouillons")), "Brouillons"),
        (_folders((r"\noselect", "Drafts"), ("", "Mail/Drafts")), "Mail/Drafts"),
        (_folders(("", "DRAFTS")), "DRAFTS"),
        (_folders(("", "Drafts"), separator=""), "Drafts"),
        (_folders(("", "임시 보관함")), "임시 보관함"),
        (_folders((r"\sent", "Sent"), (r"\drafts \noselect", "Gone"), ("", "Bozze")), "Bozze"),
    ],
)
def test_without_a_setting(folders: list[Folder], found: str) -> None:
    assert find_drafts(folders, None) == found


@pytest.mark.parametrize("name", DRAFTS.names)
def test_every_known_name_of_drafts_is_found(name: str) -> None:
    assert find_drafts(_folders(("", "INBOX"), ("", name)), None) == name


@pytest.mark.parametrize("name", SENT.names)
def test_every_known_name_of_sent_is_found(name: str) -> None:
    assert find_sent(_folders(("", "INBOX"), ("", name)), None) == name


@pytest.mark.parametrize("name", JUNK.names)
def test_every_known_name_of_junk_is_found(name: str) -> None:
    assert find_junk(_folders(("", "INBOX"), ("", f"Mail/{name}"))) == f"Mail/{name}"


def test_the_mark_of_junk_comes_before_its_name_and_there_may_be_none() -> None:
    assert find_junk(_folders(("", "Spam"), (r"\junk", "[Gmail]/Courrier"))) == "[Gmail]/Courrier"
    assert find_junk(_folders(("", "INBOX"), (r"\trash", "Bin"))) is None


@pytest.mark.parametrize(("one", "other"), [*combinations((DRAFTS, SENT, JUNK), 2)], ids=lambda use: use.flag)
def test_no_name_is_known_for_two(one: SpecialUse, other: SpecialUse) -> None:
    assert {name.casefold() for name in one.names} & {name.casefold() for name in other.names} == set()


@pytest.mark.parametrize("folders", [[], _folders(("", "INBOX"), ("", "Sent"), ("", "Drafts of the treaty"))])
def test_without_drafts_the_person_is_told(folders: list[Folder]) -> None:
    with pytest.raises(Show, match="WATCHER_DRAFTS_FOLDER"):
        find_drafts(folders, None)


@pytest.mark.parametrize(
    ("folders", "setting", "found"),
    [
        (_folders((r"\sent", "[Gmail]/Gesendet"), ("", "Sent")), None, "[Gmail]/Gesendet"),
        (_folders(("", "INBOX"), ("", "INBOX.Sent Items"), separator="."), None, "INBOX.Sent Items"),
        (_folders((r"\sent", "Sent"), ("", "Letters")), "Letters", "Letters"),
        (_folders(("", "INBOX"), ("", "Drafts")), None, None),
        ([], None, None),
    ],
)
def test_sent_is_found_alike_or_there_is_none(folders: list[Folder], setting: str | None, found: str | None) -> None:
    assert find_sent(folders, setting) == found


def test_a_setting_that_is_no_sent_folder_is_told() -> None:
    with pytest.raises(Show, match=r"WATCHER_SENT_FOLDER.*Letters.*Sent"):
        find_sent(_folders((r"\sent", "Sent")), "Letters")
