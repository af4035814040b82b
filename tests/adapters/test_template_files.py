"""A person's own files: a text is saved whole or not at all, and no word of theirs is lost."""

import os
import stat
from pathlib import Path

import pytest

from watcher.adapters.template_files import FolderFiles
from watcher.errors import GiveUp
from watcher.ports import BrokenTemplate


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "mine")


def test_the_folder_is_made_when_it_is_first_written_to(files: FolderFiles, tmp_path: Path) -> None:
    assert files.own("en", "generic") is None
    path = files.save("en", "generic", "Grüße\n")
    assert path == str(tmp_path / "mine" / "en" / "generic.txt.j2")
    assert Path(path).read_bytes() == "Grüße\n".encode()
    assert files.own("en", "generic") == "Grüße\n"
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_a_file_keeps_its_mode_and_a_link_stays_a_link(files: FolderFiles, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.txt"
    real.write_text("old")
    real.chmod(0o640)
    place = tmp_path / "mine" / "en" / "generic.txt.j2"
    place.parent.mkdir(parents=True)
    place.symlink_to(real)
    files.save("en", "generic", "new")
    assert place.is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("new", 0o640)


def test_what_fails_on_the_way_leaves_the_old_text_and_nothing_beside_it(
    files: FolderFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(files.save("en", "generic", "old"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GiveUp, match=r"generic\.txt\.j2 cannot be written: .*No space left"):
        files.save("en", "generic", "new")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_what_no_file_can_hold_is_told(files: FolderFiles) -> None:
    with pytest.raises(GiveUp, match="cannot be written"):
        files.save("en", "generic", "half a pair \ud800")


def test_a_text_that_is_moved_aside_is_never_moved_over_another(files: FolderFiles) -> None:
    kept = []
    for words in ("one", "two", "three"):
        files.save("en", "generic", words)
        kept.append(Path(files.set_aside("en", "generic")))
        assert files.own("en", "generic") is None
    assert [(path.name, path.read_text()) for path in kept] == [
        ("generic.txt.j2.bak", "one"),
        ("generic.txt.j2.bak2", "two"),
        ("generic.txt.j2.bak3", "three"),
    ]


def test_what_is_not_there_cannot_be_moved(files: FolderFiles) -> None:
    with pytest.raises(GiveUp, match="cannot be moved aside"):
        files.set_aside("en", "generic")


def test_the_shipped_text_is_there_to_read(files: FolderFiles) -> None:
    assert "{{ me.signature or me.name }}" in (files.shipped("en", "generic") or "")
    assert files.shipped("en", "polite") is None


def test_an_unreadable_text_of_ones_own_is_told_with_its_file(files: FolderFiles) -> None:
    path = Path(files.save("en", "generic", "x"))
    path.write_bytes(b"\xff")
    with pytest.raises(BrokenTemplate, match=f"{path}: it cannot be read"):
        files.own("en", "generic")


@pytest.mark.parametrize("target", ["../../elsewhere", "generic.txt.j2"], ids=["to nothing", "to itself"])
def test_a_link_that_leads_nowhere_is_not_written_through(files: FolderFiles, tmp_path: Path, target: str) -> None:
    place = tmp_path / "mine" / "en" / "generic.txt.j2"
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    with pytest.raises(GiveUp, match=r"generic\.txt\.j2 is a link that leads nowhere: nothing was changed"):
        files.save("en", "generic", "Hi\n")
    assert (place.is_symlink(), (tmp_path / "elsewhere").exists()) == (True, False)


def test_nor_is_a_pipe_replaced(files: FolderFiles, tmp_path: Path) -> None:
    place = tmp_path / "mine" / "en" / "generic.txt.j2"
    place.parent.mkdir(parents=True)
    os.mkfifo(place)
    with pytest.raises(GiveUp, match=r"generic\.txt\.j2 is no file: nothing was changed"):
        files.save("en", "generic", "Hi\n")
    assert place.is_fifo()
