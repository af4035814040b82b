"""Which folder holds the drafts: the setting, else SPECIAL-USE in any case, else a name in any language."""

import pytest

from watcher.adapters.drafts_folder import KNOWN_NAMES, Folder, find_drafts
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


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_every_known_name_is_found(name: str) -> None:
    assert find_drafts(_folders(("", "INBOX"), ("", name)), None) == name


@pytest.mark.parametrize("folders", [[], _folders(("", "INBOX"), ("", "Sent"), ("", "Drafts of the treaty"))])
def test_without_any_the_person_is_told(folders: list[Folder]) -> None:
    with pytest.raises(Show, match="WATCHER_DRAFTS_FOLDER"):
        find_drafts(folders, None)
