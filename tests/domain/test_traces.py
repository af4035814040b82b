"""What became of a draft, told by the headers of Drafts and Sent."""

from datetime import timedelta
from itertools import product

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.lifecycle import By, State, legal
from watcher.domain.threads import Thread, thread_of
from watcher.domain.traces import ABSENT_FOR, WORDS, Found, Put, Trace, found, is_gone, next_state

OURS, INVITATION, OTHER = "<ours@example.test>", "<invitation@linkedin.example>", "<other@example.net>"
PUT = Put(OURS, INVITATION, 7, is_same_folder=True)
UNLOCATED = Put(OURS, INVITATION, None, is_same_folder=True)
REBUILT = Put(OURS, INVITATION, 7, is_same_folder=False)

LYING = Thread(7, OURS, INVITATION, (INVITATION,))
MARKED = Thread(7, OURS, INVITATION, (INVITATION,), is_deleted=True)
RENUMBERED = Thread(3, OURS, INVITATION, (INVITATION,))
SAME_NAME = Thread(9, OURS, "", ())
IN_REPLY = Thread(9, OTHER, INVITATION, ())
IN_THREAD = Thread(9, OTHER, "", ("<first@example.net>", INVITATION))
FORWARD = Thread(9, OTHER, INVITATION, (INVITATION,), forwarded=frozenset({INVITATION}))
OTHERS_FORWARDED = Thread(9, OTHER, INVITATION, (INVITATION,), forwarded=frozenset({"<third@example.net>"}))
STRANGER = Thread(8, OTHER, "<another@linkedin.example>", ())
REUSED = Thread(7, OTHER, "", ())
NAMELESS = Thread(7, "", "", ())


@pytest.mark.parametrize(
    ("put", "drafts", "sent", "expected"),
    [
        (PUT, [LYING], [], Found(Trace.LYING, 7)),
        (PUT, [STRANGER, LYING], [], Found(Trace.LYING, 7)),
        (PUT, [LYING], [IN_REPLY], Found(Trace.LYING, 7)),
        (PUT, [NAMELESS], [], Found(Trace.LYING, 7)),
        (PUT, [LYING, SAME_NAME], [], Found(Trace.DOUBLED, 7)),
        (PUT, [LYING, IN_REPLY], [], Found(Trace.DOUBLED, 7)),
        (PUT, [LYING, MARKED], [], Found(Trace.LYING, 7)),
        (PUT, [SAME_NAME], [], Found(Trace.EDITED)),
        (PUT, [IN_REPLY], [], Found(Trace.EDITED)),
        (PUT, [IN_THREAD], [], Found(Trace.EDITED)),
        (PUT, [MARKED, IN_THREAD], [], Found(Trace.EDITED)),
        (PUT, [REUSED, IN_REPLY], [], Found(Trace.EDITED)),
        (PUT, [IN_REPLY], None, Found(Trace.EDITED)),
        (PUT, [], [SAME_NAME], Found(Trace.SENT)),
        (PUT, [], [IN_REPLY], Found(Trace.SENT)),
        (PUT, [IN_REPLY], [IN_THREAD], Found(Trace.SENT)),
        (PUT, [], [STRANGER], Found(Trace.ABSENT)),
        (PUT, [], [FORWARD], Found(Trace.ABSENT)),
        (PUT, [FORWARD], [], Found(Trace.ABSENT)),
        (PUT, [LYING, FORWARD], [FORWARD], Found(Trace.LYING, 7)),
        (PUT, [IN_REPLY], [FORWARD], Found(Trace.EDITED)),
        (PUT, [], [FORWARD, IN_REPLY], Found(Trace.SENT)),
        (PUT, [], [OTHERS_FORWARDED], Found(Trace.SENT)),
        (PUT, [MARKED], [], Found(Trace.ABSENT)),
        (PUT, [REUSED], [], Found(Trace.ABSENT)),
        (PUT, [], None, Found(Trace.UNTOLD)),
        (UNLOCATED, [RENUMBERED], [], Found(Trace.LYING, 3)),
        (UNLOCATED, [], [], Found(Trace.ABSENT)),
        (REBUILT, [RENUMBERED], [], Found(Trace.LYING, 3)),
        (REBUILT, [RENUMBERED, IN_REPLY], [], Found(Trace.DOUBLED, 3)),
        (REBUILT, [REUSED], [], Found(Trace.UNTOLD)),
        (REBUILT, [IN_REPLY], [], Found(Trace.EDITED)),
        (REBUILT, [], [IN_REPLY], Found(Trace.SENT)),
        (REBUILT, [], [], Found(Trace.UNTOLD)),
    ],
)
def test_where_a_trace_leads(put: Put, drafts: list[Thread], sent: list[Thread] | None, expected: Found) -> None:
    assert found(put, drafts, sent) == expected


def test_an_invitation_without_a_name_is_answered_by_no_nameless_mail() -> None:
    assert found(Put(OURS, None, 7, is_same_folder=True), [Thread(9, "", "", ())], []).trace is Trace.ABSENT


_threads = st.lists(
    st.sampled_from(
        [LYING, MARKED, RENUMBERED, SAME_NAME, IN_REPLY, IN_THREAD, FORWARD, STRANGER, REUSED, NAMELESS],
    ),
    max_size=5,
)


@given(put=st.sampled_from([PUT, UNLOCATED, REBUILT]), drafts=_threads, sent=st.none() | _threads)
def test_a_trace_is_never_told_without_a_mail_that_shows_it(
    put: Put, drafts: list[Thread], sent: list[Thread] | None
) -> None:
    it = found(put, drafts, sent)
    answers = [one for one in drafts if not one.is_deleted and (one.message_id == OURS or INVITATION in one.replied_to)]
    assert (it.uid is not None) == (it.trace in {Trace.LYING, Trace.DOUBLED})
    if it.trace is Trace.ABSENT:
        assert not answers
        assert sent is not None
    if it.trace is Trace.EDITED:
        assert answers
    assert it == found(put, [*drafts, MARKED], sent), "what is marked as deleted never counts"


@pytest.mark.parametrize(("state", "trace"), list(product(State, Trace)))
def test_every_move_that_a_trace_leads_to_is_legal_for_the_program(state: State, trace: Trace) -> None:
    end = next_state(state, trace)
    assert end is state or legal(state, end, By.PROGRAM)
    assert end is state or end is State.DRAFTED or WORDS[end]


def test_what_the_person_has_changed_is_never_ours_again() -> None:
    assert {next_state(State.EDITED, trace) for trace in Trace} == {State.EDITED, State.SENT, State.DISCARDED}
    assert {next_state(State.SENT, trace) for trace in Trace} == {State.SENT}


@pytest.mark.parametrize(
    ("ago", "gone"),
    [(None, False), (timedelta(), False), (ABSENT_FOR - timedelta(seconds=1), False), (ABSENT_FOR, True)],
)
def test_absence_counts_after_a_while(ago: timedelta | None, gone: bool) -> None:
    assert is_gone(None if ago is None else NOW - ago, NOW) is gone


def test_a_clock_that_was_set_back_makes_nobody_wait_for_a_year() -> None:
    assert is_gone(NOW + timedelta(days=365), NOW)


@given(header=st.binary(max_size=300))
def test_no_header_is_too_wild_for_a_thread(header: bytes) -> None:
    assert thread_of(1, header, is_deleted=False).uid == 1


def test_a_mail_may_answer_several() -> None:
    one = thread_of(5, b"In-Reply-To: <a@x.example>\r\n <b@x.example>\r\n\r\n", is_deleted=False)
    assert one.answered == {"<a@x.example>", "<b@x.example>"}


def test_a_thread_names_what_it_answers() -> None:
    header = b"message-id:\r\n <a@x.example>\r\nIn-Reply-To: <b@x.example>\r\n"
    one = thread_of(5, header + b"References: <c@x.example>\r\n\t<b@x.example>\r\n", is_deleted=True)
    assert one == Thread(5, "<a@x.example>", "<b@x.example>", ("<c@x.example>", "<b@x.example>"), is_deleted=True)
    assert one.answered == {"<b@x.example>", "<c@x.example>"}
    assert Thread(1, "", "", ()).answered == frozenset()


def test_a_forward_is_no_reply_to_what_it_forwards() -> None:
    """As Thunderbird writes it: in the thread, and with a field of its own."""
    before = b"References: <first@x.example> <b@x.example>\r\nIn-Reply-To: <b@x.example>\r\n"
    one = thread_of(5, before + b"X-Forwarded-Message-Id: <b@x.example>\r\n <c@x.example>\r\n", is_deleted=False)
    assert one.forwarded == {"<b@x.example>", "<c@x.example>"}
    assert one.answered == {"<first@x.example>", "<b@x.example>"}
    assert one.replied_to == {"<first@x.example>"}
    assert thread_of(5, before, is_deleted=False).replied_to == one.answered
