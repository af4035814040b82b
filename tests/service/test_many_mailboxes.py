"""Many mailboxes under one service: what befalls one of them concerns no other, and settings are taken up anew."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from service.world import Server, Told, World, refused

from watcher.errors import Problem, Show, TryAgain
from watcher.service import Idle, Service, Wanted, Watch
from watcher.service.service import KEPT_OPEN
from watcher.service.timetable import Lane
from watcher.steps.signing_in import WAITS
from watcher.watching.happenings import GaveUp, Happening, KeptOld, PartBroke, PassEnded, PassFailed, Started

HOUR = timedelta(hours=1)


def _begun(world: World, *names: str) -> tuple[Service, dict[str, Watch]]:
    watches = {name: world.watch(name) for name in names}
    service = world.service(watches)
    service.begin()
    return service, watches


def _passes(world: World, name: str) -> int:
    return len(world.told.of(PassEnded, name))


# ---------------------------------------------------------------------------------------------------------- apart


def test_a_mailbox_that_is_given_up_ends_alone(world: World) -> None:
    service, _ = _begun(world, "anna", "bert", "cleo")
    world.servers["bert"].refusal = refused()
    world.run(service, HOUR)
    assert [one.account for one in world.told.of(GaveUp)] == ["bert"]
    assert _passes(world, "anna") == _passes(world, "cleo") == 13
    assert set(service.watches) == {"anna", "cleo"}


def test_one_that_fails_runs_in_the_lane_of_the_ailing_until_it_is_well(world: World) -> None:
    service, _ = _begun(world, "anna", "bert")
    world.servers["bert"].refusal = TryAgain("does not answer")
    world.run(service, HOUR)
    assert world.timetable.lanes == {"anna": Lane.WELL, "bert": Lane.AILING}
    assert _passes(world, "anna") == 13
    assert len(world.told.of(PassFailed, "bert")) > 30
    world.servers["bert"].refusal = None
    world.run(service, HOUR)
    assert world.timetable.lanes["bert"] is Lane.WELL
    assert _passes(world, "bert") >= 12


def test_settings_that_cannot_be_used_stop_their_mailbox_alone(world: World) -> None:
    wrong = Show(Problem("WATCHER_IMAP_PORT, bert.env line 2", "'x' is no number", "write one"))
    service = world.service(lambda: Wanted({"anna": anna}, {"bert": wrong}))
    anna = world.watch("anna")
    service.begin()
    world.run(service, HOUR)
    assert [(one.account, one.problem) for one in world.told.of(GaveUp)] == [("bert", wrong)]
    assert _passes(world, "anna") == 13


def test_with_the_last_mailbox_the_program_ends_and_says_everything(world: World) -> None:
    watches = {name: world.watch(name) for name in ("anna", "bert")}
    service = Service(lambda: Wanted(watches, {}), world.clock, [world.told])
    for name in watches:
        world.servers[name].refusal = refused(f"of {name}")
    with pytest.raises(Show) as told:
        service.run()
    assert {problem.where for problem in told.value.problems} == {"of anna", "of bert"}


@pytest.mark.parametrize(("mailboxes", "is_open"), [(KEPT_OPEN, True), (KEPT_OPEN + 1, False)])
def test_many_mailboxes_keep_no_connection_that_nobody_listens_to(world: World, mailboxes: int, is_open: bool) -> None:
    service, _ = _begun(world, *(f"no{number}" for number in range(mailboxes)))
    world.run(service, HOUR)
    assert {server.open_connections for server in world.servers.values()} == {int(is_open)}


# ---------------------------------------------------------------------------------------------------------- listening


def test_news_brings_a_pass_and_so_does_a_link_that_is_lost(world: World) -> None:
    service, _ = _begun(world, "anna")
    server = world.servers["anna"]
    server.knows_idle = True
    world.run(service, timedelta(minutes=1))
    for _ in range(2):
        before, hearing = _passes(world, "anna"), server.connections[-1].hearing
        assert hearing is not None
        hearing.say(b"* 5 EXISTS\r\n")
        service._ears._hear("anna")  # noqa: SLF001 - the thread that waits is put on by hand here
        world.run(service, timedelta(seconds=10))
        assert _passes(world, "anna") == before + 1
    hearing = server.connections[-1].hearing
    assert hearing is not None
    hearing.die()
    service._ears._hear("anna")  # noqa: SLF001 - news as its thread would hear them
    world.run(service, timedelta(seconds=10))
    assert (_passes(world, "anna"), len(server.connections)) == (4, 2)
    assert world.told.of(PassFailed) == []


def test_who_wants_to_be_told_and_cannot_be_is_given_up(world: World) -> None:
    world.idle = Idle.ON
    service, _ = _begun(world, "anna")
    world.run(service, HOUR)
    (gave_up,) = world.told.of(GaveUp)
    assert gave_up.problem.problems[0].where == "WATCHER_IDLE"
    assert world.servers["anna"].open_connections == 0


# --------------------------------------------------------------------------------------------------------- settings


@dataclass
class Settings:
    """What the settings want, now."""

    wanted: Wanted | Show | TryAgain

    def __call__(self) -> Wanted:
        if isinstance(self.wanted, Exception):
            raise self.wanted
        return self.wanted


def test_reload_takes_up_dismisses_and_begins_anew_what_changed_and_nothing_else(world: World) -> None:
    anna, bert, cleo = (world.watch(name) for name in ("anna", "bert", "cleo"))
    settings = Settings(Wanted({"anna": anna, "bert": bert, "cleo": cleo}, {}))
    service = world.service(settings)
    service.begin()
    world.run(service, HOUR)
    other_bert = world.watch("bert", Server())
    settings.wanted = Wanted({"anna": anna, "bert": other_bert, "dora": world.watch("dora")}, {})
    service.take_up()
    assert [one.account for one in world.told.of(Started)] == ["anna", "bert", "cleo", "bert", "dora"]
    before = _passes(world, "anna"), _passes(world, "cleo")
    world.run(service, HOUR)
    assert _passes(world, "anna") == before[0] + 12
    assert _passes(world, "cleo") == before[1]
    assert _passes(world, "dora") == 13
    assert bert.one_pass() is None


@pytest.mark.parametrize("failure", [Show(Problem("WATCHER_ACCOUNTS", "no folder", "make one")), TryAgain("disk")])
def test_settings_that_are_wrong_as_a_whole_are_told_and_the_old_go_on(world: World, failure: Show | TryAgain) -> None:
    anna = world.watch("anna")
    settings = Settings(Wanted({"anna": anna}, {}))
    service = world.service(settings)
    service.begin()
    settings.wanted = failure
    service.take_up()
    (kept,) = world.told.of(KeptOld)
    assert kept.account is None
    world.run(service, HOUR)
    assert _passes(world, "anna") == 13


def test_a_reload_that_breaks_in_a_way_nobody_thought_of_ends_nothing(world: World) -> None:
    anna = world.watch("anna")
    settings = Settings(Wanted({"anna": anna}, {}))
    service = world.service(settings)
    service.begin()
    service.load = _broken
    service.take_up()
    assert [(one.part, one.problem) for one in world.told.of(PartBroke)] == [("reload", "OSError")]
    world.run(service, HOUR)
    assert _passes(world, "anna") == 13


def _broken() -> Wanted:
    raise OSError("too many open files")


def test_new_settings_of_one_that_are_wrong_are_told_and_its_old_ones_go_on(world: World) -> None:
    anna, bert = world.watch("anna"), world.watch("bert")
    settings = Settings(Wanted({"anna": anna, "bert": bert}, {}))
    service = world.service(settings)
    service.begin()
    settings.wanted = Wanted({"anna": anna}, {"bert": refused()})
    service.take_up()
    assert [one.account for one in world.told.of(KeptOld)] == ["bert"]
    world.run(service, HOUR)
    assert _passes(world, "bert") == 13


def test_what_was_given_up_is_tried_again_by_a_reload(world: World) -> None:
    service, _ = _begun(world, "anna", "bert")
    world.servers["bert"].refusal = refused()
    world.run(service, HOUR)
    world.servers["bert"].refusal = None
    service.take_up()
    world.run(service, HOUR)
    assert _passes(world, "bert") == 13
    assert service.given_up == {}


def test_what_failed_and_waits_is_tried_at_once_by_a_reload_and_nothing_else_is(world: World) -> None:
    """A login that was refused once is left alone for ten minutes, and then for two hours."""
    service, watches = _begun(world, "anna", "bert")
    world.servers["bert"].trouble = [TryAgain("let nobody in", wait=wait.total_seconds()) for wait in WAITS]
    world.run(service, timedelta(minutes=1))
    due = world.timetable.moments["anna"]
    service.take_up()
    assert world.timetable.moments == {"anna": due, "bert": world.clock.at}
    world.run(service, timedelta())
    assert watches["bert"].wake == world.clock.at + WAITS[1]
    service.take_up()
    world.run(service, timedelta())
    assert _passes(world, "bert") == 1


# ------------------------------------------------------------------------------------------------------- who listens


class Deaf:
    """A listener that always fails."""

    def hear(self, happening: Happening) -> None:
        raise RuntimeError(happening)


def test_a_listener_that_fails_harms_nobody_and_the_others_hear_of_it_once(world: World) -> None:
    other = Told()
    service = Service(lambda: Wanted(watches, {}), world.clock, [Deaf(), world.told, other])
    service._timetable = world.timetable  # type: ignore[assignment] # noqa: SLF001 - time is put on by hand here
    watches = {"anna": world.watch("anna")}
    service.begin()
    world.run(service, HOUR)
    assert _passes(world, "anna") == 13
    assert other.happenings == world.told.happenings
    assert [one.part for one in other.of(PartBroke)] == ["Deaf"]
