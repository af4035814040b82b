"""Promise: no note and LinkedIn's own sentences are generic, in any spelling; a word of the inviter's own is not."""

from collections.abc import Callable

import pytest
from builders import an_invitation

from watcher.domain import verdict
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.tables import default_notes
from watcher.domain.values import Verdict

ALL = [entry.text for entry in default_notes()]
GREETINGS = {
    "en": ("Hi Robin,", "Best regards,\nTilda Moreau"),
    "de": ("Hallo Robin,", "Viele Grüße\nTilda Moreau"),
    "fr": ("Bonjour Robin,", "Cordialement,\nTilda Moreau"),
    "es": ("Hola Robin:", "Un saludo,\nTilda Moreau"),
    "pt": ("Olá Robin,", "Abraços,\nTilda"),
    "it": ("Ciao Robin,", "Cordiali saluti,\nTilda"),
}


def judged(note: str | None) -> Verdict:
    return verdict.judge(an_invitation(note=note, note_raw=note))


def _wrapped(text: str) -> str:
    """Broken into two lines in the middle, as old mail programs do."""
    words = text.split(" ")
    half = len(words) // 2
    return "\n".join(filter(None, [" ".join(words[:half]), " ".join(words[half:])]))


SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    _wrapped,
    lambda text: text.replace("'", "’"),
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: text.rstrip(".。।") + "!",
    lambda text: text.rstrip(".。।"),
    lambda text: f"  {text}\n\n",
    lambda text: f"{text}\n\nTilda Moreau",
    lambda text: f"{text}\n- Tilda",
    lambda text: text.rstrip(".。।") + "\nTilda",
]


def test_no_note_is_generic() -> None:
    found = judged(None)
    assert (found.kind, found.because, found.evidence) == (VerdictKind.GENERIC, Because.NO_NOTE, ())


@pytest.mark.parametrize("text", ALL)
def test_every_default_sentence_is_generic_in_any_spelling(text: str) -> None:
    for spell in SPELLINGS:
        found = judged(spell(text))
        assert (found.kind, found.because) == (VerdictKind.GENERIC, Because.DEFAULT_NOTE), spell(text)
        assert "LinkedIn's default sentence" in found.evidence[0].why


@pytest.mark.parametrize("language", GREETINGS)
def test_a_default_sentence_between_greeting_and_sign_off_is_generic(language: str) -> None:
    hello, goodbye = GREETINGS[language]
    texts = [entry.text for entry in default_notes() if entry.language == language]
    assert texts
    for text in texts:
        assert judged(f"{hello}\n\n{text}\n\n{goodbye}").because is Because.DEFAULT_NOTE, text


@pytest.mark.parametrize(
    "reason",
    [
        "We met at the harbour fair in Malmö.",
        "Nils asked me to write to you.",
        "I read your article about queues.",
        "Can we talk about the job in Leeds?",
        "Wir kennen uns aus Köln.",
    ],
)
def test_words_beside_a_default_sentence_are_judged_by_themselves(reason: str) -> None:
    alone = judged(reason)
    forms = ("{0}\n\n{1}", "{1}\n{0}", "Hi Robin,\n{0}\n{1}")
    for note in (form.format(text, reason) for text in ALL for form in forms):
        found = judged(note)
        assert found.kind in {alone.kind, VerdictKind.UNSURE}, note
        assert "LinkedIn's default sentence" in found.evidence[-1].why, note


@pytest.mark.parametrize(
    "reason", [", as Nils told me to", ", Anna sent me", " since we met in Rome", " – see our call"]
)
def test_a_default_sentence_that_goes_on_with_a_reason_is_no_default_note(reason: str) -> None:
    judgements = {text: judged(text.rstrip(".。।") + reason + ".").because for text in ALL}
    assert {text for text, because in judgements.items() if because is Because.DEFAULT_NOTE} == set()


@pytest.mark.parametrize(
    "note",
    [
        "We met at the harbour fair in Malmö.",
        "Hello",
        "ok",
        "?",
        "I'd like to add you to my robotics network.",
        "I'd like to add you to my list of sales targets on LinkedIn.",
        "I'd not like to add anybody.",
        "Hi Robin, my company sells the best freight software. Do you have ten minutes on Tuesday?",
        "你好，我们在上海见过。",
        "Art",
        "reau",
        "😀",
    ],
)
def test_own_words_are_no_default_note_and_are_quoted(note: str) -> None:
    found = judged(note)
    assert found.because is not Because.DEFAULT_NOTE
    assert all(evidence.text in note for evidence in found.evidence)


@pytest.mark.parametrize("rest", ["Art", "reau", "Til", "da Mor"])
def test_a_piece_of_a_name_is_no_sign_off(rest: str) -> None:
    assert judged(f"{ALL[0]}\n{rest}").because is not Because.DEFAULT_NOTE


def test_a_sentence_never_seen_in_real_mail_is_trusted_less() -> None:
    by_seen = {
        seen: [judged(entry.text).confidence for entry in default_notes() if entry.seen is seen]
        for seen in (True, False)
    }
    assert min(by_seen[True]) > max(by_seen[False])
