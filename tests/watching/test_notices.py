"""A notice of new drafts: told where drafts were made, to whom wants it, without a word of anybody."""

import pytest
from builders import NOW
from service.world import refused
from watching.attended import KeptOutbox, a_report, an_outcome

from watcher.domain.lifecycle import State
from watcher.ports import Notice
from watcher.watching.happenings import GaveUp, PassEnded, PassFailed
from watcher.watching.notices import NewDrafts

DRAFTED, HELD = an_outcome(), an_outcome(State.HELD)


@pytest.mark.parametrize(
    ("outcomes", "notices"),
    [
        ((), []),
        ((HELD,), []),
        ((DRAFTED,), [Notice("1 new draft for LinkedIn invitations",
            "anna: look into Drafts, or run `watcher drafts`.")]),
        ((DRAFTED, DRAFTED, HELD), [Notice("2 new drafts for LinkedIn invitations",
            "anna: look into Drafts, or run `watcher drafts`. Held, for you to decide: 1.")]),
    ],
)  # fmt: skip
def test_what_a_pass_made(outcomes: tuple[object, ...], notices: list[Notice]) -> None:
    outbox = KeptOutbox()
    NewDrafts(lambda: {"anna": [outbox]}).hear(PassEnded("anna", NOW, a_report(*outcomes), NOW))  # type: ignore[arg-type]
    assert outbox.notices == notices


def test_who_did_not_ask_is_told_nothing() -> None:
    outbox = KeptOutbox()
    listener = NewDrafts(lambda: {"anna": [outbox], "otto": []})
    for name in ("otto", "unknown"):
        listener.hear(PassEnded(name, NOW, a_report(DRAFTED), NOW))
    listener.hear(PassFailed("anna", NOW, "no answer", NOW))
    listener.hear(GaveUp("anna", NOW, refused()))
    assert outbox.notices == []


def test_only_the_desktop_is_told_an_address() -> None:
    desktop, elsewhere, me = KeptOutbox(is_here=True), KeptOutbox(), "me@example.test"
    NewDrafts(lambda: {me: [desktop, elsewhere]}).hear(PassEnded(me, NOW, a_report(DRAFTED), NOW))
    assert me in desktop.notices[0].body
    assert elsewhere.notices[0].body.startswith("your mailbox: ")
