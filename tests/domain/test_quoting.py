"""The writer's own words are all of an answer and nothing else, in whatever language their program speaks."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.domain.quoting import MOST_LINES, own_words

OWN = "We met in Aarhus.\nYou fixed my bug."

BELOW = {
    "nothing": "",
    "en": "\n\nOn Tue, 24 Nov 2026 at 09:30, Robin Ashdown <me@example.test> wrote:\n> Dear Tilda\n> How do we know?",
    "en, wrapped": "\n\nOn Tuesday, November 24, 2026 at 9:30 AM Robin Ashdown\n<me@example.test> wrote:\n\n> Dear",
    "en, without marks": "\n\nOn Tue, 24 Nov 2026 at 09:30, Robin Ashdown <me@example.test> wrote:\n\nDear Tilda\nHow",
    "de": "\n\nAm 24.11.2026 um 09:30 schrieb Robin Ashdown <me@example.test>:\n> Liebe Tilda",
    "fr": "\n\nLe mar. 24 nov. 2026 à 09:30, Robin Ashdown <me@example.test> a écrit :\n> Bonjour",
    "es": "\n\nEl mar, 24 nov 2026 a las 9:30, Robin Ashdown (<me@example.test>) escribió:\n> Hola",
    "pt": "\n\nEm ter., 24 de nov. de 2026 às 09:30, Robin <me@example.test> escreveu:\n> Olá",
    "it": "\n\nIl giorno mar 24 nov 2026 alle ore 09:30 Robin <me@example.test> ha scritto:\n> Ciao",
    "nl": "\n\nOp di 24 nov 2026 om 09:30 schreef Robin <me@example.test>:\n> Beste",
    "pl": "\n\nwt., 24 lis 2026 o 09:30 Robin <me@example.test> napisał(a):\n> Cześć",
    "ru": "\n\nвт, 24 нояб. 2026 г. в 09:30, Robin <me@example.test>:\n> Здравствуйте",
    "ja": "\n\n2026年11月24日(火) 9:30 Robin <me@example.test>:\n> こんにちは",
    "zh": "\n\nRobin <me@example.test> 于2026年11月24日周二 09:30写道：\n> 你好",
    "ko": "\n\n2026년 11월 24일 (화) 오전 9:30, Robin <me@example.test>님이 작성:\n> 안녕하세요",
    "Outlook": "\n\n-----Original Message-----\nFrom: Robin\nSent: Tuesday\nDear Tilda",
    "Outlook, de": "\n\nVon: Robin <me@example.test>\nGesendet: 24. November 2026\nAn: Tilda\nBetreff: Re\n\nHi",
    "Outlook, ru": "\n\nОт: Robin <me@example.test>\nОтправлено: 24 ноября 2026 г.\nКому: Tilda\nТема: Re\n\nПривет",
    "Outlook, web": "\n\n________________________________\nFrom: Robin\nDear",
    "Outlook, bold": "\n\n*From:* Robin <me@example.test>\n*Sent:* Tuesday, 24 November 2026\n*To:* Tilda\n\nDear",
    "forwarded": "\n\n---------- Forwarded message ---------\nDear",
    "signature": "\n-- \nTilda Moreau\nPostmaster at Kanaal Hosting",
    "name": "\nTilda\nPostmaster at Kanaal Hosting\nwww.kanaal.example",
    "whole name": "\n\nTilda Moreau\n+32 470 12 34 56",
    "phone": "\n\nSent from my iPhone",
    "phone, de": "\n\nVon meinem iPhone gesendet\n\n> Liebe Tilda",
    "phone, ja": "\n\niPhoneから送信",
    "phone, fr": "\n\nEnvoyé de mon iPhone\n\nLe 24 nov. 2026 à 09:30, Robin <me@example.test> a écrit :\n\n> Bonjour",
}  # fmt: skip


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_stands_below_is_no_word_of_theirs(below: str, end: str) -> None:
    assert own_words((OWN + below).replace("\n", end), "Tilda Moreau") == OWN


def test_answers_between_the_quoted_lines_are_theirs() -> None:
    text = (
        "Hi Robin,\nOn Tue, 24 Nov 2026 at 09:30, Robin <me@example.test> wrote:\n> Dear Tilda\n> Who are you?\n"
        "A neighbour.\n> How do we know?\nFrom Aarhus."
    )
    assert own_words(text) == "Hi Robin,\nA neighbour.\nFrom Aarhus."


@pytest.mark.parametrize(
    "text",
    [
        "Two things: a talk and a bug.",
        "You asked:\nwe met in 2024.",
        "- a talk\n- a bug",
        "Note: we met.\nDate: in May.",
        "Thanks, we met in Aarhus.",
        "Tilda here, we met.",
        "Dear Robin:\nwe met on 12.05.2024 at 9:30.",
        "a -- b",
    ],
)
def test_what_only_looks_like_it_is_theirs(text: str) -> None:
    assert own_words(text, "Tilda Moreau") == text


@given(st.text(alphabet="ab:>-_ @.\n2026:1é：写", max_size=200), st.text(max_size=20))
@example(">\n" * MOST_LINES, "")
def test_nothing_breaks_it_and_nothing_is_added(text: str, name: str) -> None:
    own = own_words(text, name)
    lines = {line.strip() for line in text.split("\n")}
    assert all(line.strip() in lines for line in own.split("\n") if line)
    assert not any(line.startswith(">") for line in own.split("\n"))
