"""Promise: no mail, however broken or hostile, makes the pure path raise, take over 2 s of CPU or swell the memory."""

from collections.abc import Callable
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hostile import ACCEPT, HOSTILE, INVITER, bait, baited, letter, levels, mail
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import failure_of, fixed, measure, megabytes
from pure_path import draft, read, walk

from watcher.domain.values import Invitation

SEED = 20_261_124
MAILS = 1_500
MAX_GROWTH = 200.0
"""Megabytes; the tests before these may have taken more than a mail ever does, so growth is what counts."""

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
FIELDS = st.sampled_from(
    "From To Cc Subject Date Message-ID References Reply-To Sender In-Reply-To Authentication-Results Received"
    " X-LinkedIn-Template X-LinkedIn-Class Feedback-ID Content-Type Content-Transfer-Encoding MIME-Version".split()
)
VALUES = (
    st.sampled_from(
        [
            "Tilda Moreau <invitations@linkedin.com>",
            "=?UTF-8?Q?T=C3=AFlda?= <t@example.test>",
            "mx.example.test; dkim=pass header.d=linkedin.com",
            "multipart/alternative; boundary=b",
            "text/html; charset=utf-7",
            "base64",
            "<1.2.3.JavaMail.app@x.prod>",
            "invite_member_28",
            "I want to connect",
        ]
    )
    | WORDS
)
BODIES = (
    st.sampled_from([ACCEPT, INVITER, "Tilda Moreau", "Hi Robin,", "- Tilda", "People you may know", "--b", ""]) | WORDS
)
TAGS = st.sampled_from(
    ["p", "div", "a href='" + INVITER + "'", "a href='" + ACCEPT + "'", "br", "table", "style", "title"]
)


@st.composite
def structured_mails(draw: st.DrawFn) -> bytes:
    """Headers and parts that are drawn one by one: nearer to mail than bytes are, and farther than samples."""
    headers = draw(st.lists(st.tuples(FIELDS, VALUES), max_size=8))
    text = "\r\n".join(draw(st.lists(BODIES, max_size=8)))
    pieces = draw(st.lists(st.tuples(TAGS, BODIES), max_size=8))
    markup = "".join(f"<{tag}>{words}</{tag.split()[0]}>" for tag, words in pieces)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n{markup}\r\n--b--\r\n"
    )
    return f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}".encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structured_mails())
def test_whatever_headers_and_parts_a_mail_has_it_is_read(content: bytes) -> None:
    walk(content)


def test_mutated_mails_cost_no_more_than_they_may() -> None:
    before = megabytes()
    found = measure(SEED, range(len(fixed()), len(fixed()) + MAILS))
    assert found.failures == ()
    assert megabytes() - before < MAX_GROWTH


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_costs_no_more_than_it_may(name: str) -> None:
    before = megabytes()
    why, _ = failure_of(HOSTILE[name]())
    assert why is None
    assert megabytes() - before < MAX_GROWTH


@pytest.mark.parametrize("place", ["results", "subject", "lines"])
def test_long_runs_of_what_a_pattern_repeats_cost_no_more_than_they_may(place: str) -> None:
    """Every twelfth piece of bait, where patterns once took longest; the whole run tries all of them everywhere."""
    found = [failure_of(baited(run)[place]())[0] for run in bait()[::12]]
    assert len(found) > 10
    assert set(found) == {None}


# What broke once.


def test_the_inviters_spot_below_the_card_makes_no_card() -> None:
    below = f'<p>You are receiving Invitation emails.</p><a href="{INVITER}">Wanda Quist</a>'
    markup = f'<p>Tilda Moreau</p><p>Planner</p><p><a href="{ACCEPT}">Accept</a></p>{below}'
    found = read(mail(markup, "text/html", Authentication_Results="none")).found
    assert isinstance(found, Invitation)
    assert found.inviter.name == "Tilda Moreau"


@pytest.mark.parametrize("words", ["\u091c " * 8_000, "\u00fc" * 16_000])
def test_a_subject_without_end_is_cut_in_the_draft(words: str) -> None:
    reply = draft(read(mail(f"Tilda Moreau\nPlanner\n\nAccept: {ACCEPT}\n", Subject=words)))
    assert reply is not None
    subject = message_from_bytes(reply.content, policy=SMTP)["Subject"]
    assert str(subject).startswith(f"Re: {words[:100]}")
    assert len(str(subject)) < 600


@pytest.mark.parametrize("header", ["Content-Type", "Content-Disposition"])
def test_parameters_without_end_are_cut_before_the_library_reads_them(header: str) -> None:
    endless = f'{header}: multipart/mixed; a="' + ";" * 900_000
    assert failure_of(f"From: a@example.test\r\n{endless}\r\n\r\nwords".encode())[0] is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: letter(("po " * 1_300 + "\n") * 60),  # each sentence was split anew for each default sentence
        lambda: (b"Authentication-Results: mx.example.test; " + b"a." * 7_000 + b"\r\n") * 4 + letter("x"),
        lambda: mail("\n" * (1 << 20), "message/delivery-status"),  # each blank line began a block of its own
        lambda: mail("--b\n\n" * 200_000, "multipart/digest; boundary=b"),  # each part took time and memory
        lambda: mail("--b0\n" + levels(300) + "x\n" * 400_000, "multipart/mixed; boundary=b0"),
    ],
    ids=["long lines", "results", "blocks", "parts", "levels"],
)
def test_what_once_took_seconds_is_read(build: Callable[[], bytes]) -> None:
    before = megabytes()
    assert failure_of(build())[0] is None
    assert megabytes() - before < MAX_GROWTH
