"""LinkedIn's own words are known in every language it is used in, and people's words are never taken for them."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from builders import an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain import frame, names, notes, tables
from watcher.domain.kinds import Kind, VerdictKind
from watcher.domain.layout import Line
from watcher.domain.verdict import judge

LANGUAGES = (
    "ar bn cs da de el en es fa fi fr he hi hu id it ja ko mr ms nl no pa pl pt ro ru sv te th tl tr uk vi"
    " zh-cn zh-tw".split()
)
DATA = files("watcher.domain.data")


def _read(*path: str) -> dict[str, Any]:
    return tomllib.loads(DATA.joinpath(*path).read_text("utf-8"))


WORDS = {language: _read("chrome", f"{language}.toml") for language in [*LANGUAGES, "und"]}
NOTES = _read("default_notes.toml")["note"]
COURTESIES = _read("courtesies.toml")["courtesy"]


def _filled(pattern: str) -> str:
    """What a mail would say where the table has a wildcard."""
    filled = pattern.replace("{name}", "Anna Berg").replace("{Name}", "Anna Berg")
    return filled.replace("{n}", "12").replace("*", "abc").removeprefix("^").removesuffix("$")


def _patterns(language: str, table: str) -> Iterator[str]:
    for entry in WORDS[language].get(table, ()):
        yield from entry["patterns"]


# ------------------------------------------------------------------------------------------------- every language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_lines_of_the_card_the_footer_and_the_greeting(language: str) -> None:
    words = WORDS[language]
    assert words["language"] == language
    assert len(list(_patterns(language, "line"))) >= 20
    assert len(list(_patterns(language, "footer"))) >= 8
    assert words["greeting"][0]["words"]
    assert words["via"][0]["patterns"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.REMINDER, Kind.ACCEPTED, Kind.DIGEST, Kind.MESSAGE])
def test_a_language_has_subjects_of_each_kind(language: str, kind: Kind) -> None:
    assert any(entry["kinds"] == [kind] for entry in WORDS[language]["subject"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_footers_that_tell_its_kinds(language: str) -> None:
    kinds = {tuple(entry["kinds"]) for entry in WORDS[language]["footer"] if "kinds" in entry}
    assert kinds >= {("invitation", "reminder"), ("accepted",), ("message",), ("other",)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_default_sentences(language: str) -> None:
    own = [note["text"] for note in NOTES if note["language"] == language]
    assert len(own) >= 5
    assert [text for text in own if "LinkedIn" not in text and "领英" not in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_greetings_wishes_and_closings(language: str) -> None:
    own = [entry for entry in COURTESIES if entry["language"] == language]
    assert [len(entry["patterns"]) for entry in own] == [3]


def test_there_is_a_table_for_the_languages_and_no_other() -> None:
    assert sorted(tables.languages()) == sorted([*LANGUAGES, "und"])


def test_every_entry_says_where_it_is_from() -> None:
    tables_of_words = [entry for words in WORDS.values() for table in words.values() for entry in table]
    entries = [entry for entry in tables_of_words if isinstance(entry, dict)] + NOTES + COURTESIES
    assert len(entries) > 600
    assert [entry for entry in entries if not entry["source"] or entry["seen"] not in {True, False}] == []
    assert [entry for entry in entries if entry["seen"] != entry["source"].startswith("real mail")] == []


# ---------------------------------------------------------------------------------------------- default sentences


@pytest.mark.parametrize("note", NOTES, ids=lambda note: f"{note['language']}-{note['text'][:24]}")
def test_a_default_sentence_finds_itself_and_leaves_nothing(note: dict[str, Any]) -> None:
    found = notes.find_default(note["text"])
    assert found is not None
    assert (found.known.text, found.known.language, found.rest) == (note["text"], note["language"], "")


def test_no_two_default_sentences_are_compared_as_the_same() -> None:
    compared = [notes.plain(note["text"]) for note in NOTES]
    assert [text for text in compared if compared.count(text) > 1] == []


@pytest.mark.parametrize("note", NOTES, ids=lambda note: f"{note['language']}-{note['text'][:24]}")
def test_a_default_sentence_is_the_inviters_and_no_line_of_the_frame(note: dict[str, Any]) -> None:
    chrome = tables.chrome()
    assert (note["text"] in chrome.lines, note["text"] in chrome.footers) == (False, False)


# ---------------------------------------------------------------------------------------------- lines of LinkedIn's

DECORATIONS = {
    "alone": "{}",
    "colon": "{}:",
    "full-width colon": "{}：",
    "address": "{}: https://www.linkedin.com/e/x?t=1",
    "address without colon": "{} https://www.linkedin.com/e/x",
    "written right to left": "\u200f\u202b{}\u202c",
    "invisible characters": "\u200b{}\u00ad",
}


@pytest.mark.parametrize("decoration", DECORATIONS.values(), ids=list(DECORATIONS))
@pytest.mark.parametrize("language", [*LANGUAGES, "und"])
def test_every_line_is_known_in_its_language_however_it_is_set(language: str, decoration: str) -> None:
    chrome = tables.chrome()
    for name, table in (("line", chrome.lines), ("footer", chrome.footers)):
        texts = [decoration.format(_filled(pattern)) for pattern in _patterns(language, name)]
        assert [text for text in texts if language not in table.languages(text)] == []


@pytest.mark.parametrize(
    "line",
    [
        "View\u00a0profile", "VIEW PROFILE", "View Profile »",
        "View Zoë O’Neil&#39;s profile: https://www.linkedin.com/x", "Unsubscribe | Help",
        "Abbestellen · Hilfe", "&copy; 2016 LinkedIn Corporation", "Voir le profil de Zoë",
        "Accepter l’invitation", "jerrod fairlane wants to connect with you.",
        "Ana de la Cruz is waiting for your response",
        "Dr. Anna K. Berg (she/her) is waiting for your response", "Nordkai wartet auf Ihre Antwort",
        "500+ mutual connections", "1.204 gemeinsame Kontakte", "青山流水さんが返信を待っています。",
        "张三希望与您建立联系", "عرض الملف الشخصي: https://www.linkedin.com/x", "מרים לוי ממתינה לתגובתך",
    ],
)  # fmt: skip
def test_a_line_of_linkedins_is_known_with_names_and_marks_as_they_come(line: str) -> None:
    chrome = tables.chrome()
    assert line in chrome.lines or line in chrome.footers


@given(st.text(max_size=200))
def test_any_line_can_be_asked_for(line: str) -> None:
    chrome = tables.chrome()
    assert bool(chrome.lines.languages(line)) == (line in chrome.lines)
    assert chrome.footers.languages(line) <= set(tables.languages())


def test_the_language_of_a_mail_is_the_one_most_of_its_lines_are_in() -> None:
    lines = [Line("LinkedIn"), Line("Vis profil"), Line("Accepter"), Line("Du modtager invitationsmails")]
    assert frame.recognised_languages(lines)[0] == "da"
    assert frame.recognised_languages([Line("LinkedIn")]) == ()


# ------------------------------------------------------------------------------------------------ people's own lines

PEOPLE_WRITE = [
    "My manager is waiting for your response", "My colleague Jane wants to connect with you.",
    "I want to connect with you.", "The whole team is waiting for your response, so please say yes",
    "From Monday on I work in Berlin", "From my side all is fine",
    "Did you know that we both studied in Graz?", "You are receiving this because I liked your talk",
    "Accept my apologies", "Accept: this is the best offer you will get", "Help us build the new mill",
    "This email is short, sorry", "Hi, we met at the harbour fair",
    "I would like to connect on LinkedIn. We met in Oslo.", "View from my office",
    "LinkedIn is where I found your talk", "Someone wants to connect", "We are waiting for your response",
    "Reminder: our call is on Tuesday", "I have 3 mutual connections with you, all from Nordkai",
    "Mein Chef wartet auf Ihre Antwort", "Unser Team möchte sich mit Ihnen vernetzen",
    "Sie erhalten von mir gerne mehr dazu", "Du erhältst das Angebot morgen",
    "Diese E-Mail ist kurz, ich bin unterwegs", "Ich möchte mich mit Ihnen vernetzen",
    "Profil von Kunden anzulegen ist mein Beruf", "Annehmen kann ich das nicht", "Hilfe beim Umzug gesucht",
    "Je souhaite vous ajouter à mon réseau car nous travaillons sur LinkedIn", "Mon chef attend votre réponse",
    "Vous recevez bientôt notre catalogue", "Aide aux devoirs et soutien scolaire",
    "Accepter ce poste fut une joie", "Estás recibiendo mi propuesta porque te conocí en Lima",
    "Mi jefa está esperando tu respuesta", "Hola, soy Inés de Nordkai", "Este mensaje es para saludarte",
    "Gostaria de me conectar com você, vi sua palestra", "Minha equipe está aguardando sua resposta",
    "Vorrei collegarmi con te dopo la fiera", "Questa email è un po' lunga, scusa",
    "Sapevi che abitiamo nella stessa via?", "Ik wil graag connecten, we werken beide in Delft",
    "Mijn baas wacht op uw reactie", "Jag vill knyta kontakt med dig", "Min chef väntar på ditt svar",
    "Jeg vil gerne oprette forbindelse med dig", "Jeg ønsker å knytte kontakt med deg",
    "Haluan verkostoitua kanssasi", "Mój szef czeka na Twoją odpowiedź",
    "Chcę nawiązać kontakt w sprawie młyna", "Můj šéf čeká na vaši odpověď", "Aș dori să ne vedem la târg",
    "Szeretnék kapcsolatba lépni Önnel", "Müdürüm yanıtınızı bekliyor", "Я хочу установить с вами контакт",
    "Мы ждём вашего ответа", "Мій керівник чекає на вашу відповідь, дайте знати",
    "Θα ήθελα να συνδεθούμε για το έργο", "أرغب في التواصل معك بخصوص المشروع", "مديري في انتظار ردك",
    "من منتظر پاسخ شما هستم", "אני רוצה להתחבר איתך", "मैं आपसे कनेक्ट करना चाहता हूँ",
    "हम आपके जवाब का इंतज़ार कर रहे हैं", "আমি আপনার উত্তরের জন্য অপেক্ষা করছি",
    "मी तुमच्या उत्तराची वाट पाहत आहे", "ਮੈਂ ਤੁਹਾਡੇ ਜਵਾਬ ਦੀ ਉਡੀਕ ਕਰ ਰਿਹਾ ਹਾਂ",
    "నేను మీ సమాధానం కోసం వేచి ఉన్నాను", "ผมต้องการเชื่อมต่อกับคุณ", "Tôi muốn kết nối với bạn",
    "Saya ingin terhubung dengan Anda", "Saya ingin berhubung dengan anda",
    "Gusto kong makipag-connect sa iyo dahil sa proyekto", "我想与您建立联系", "我想與您聯繫",
    "弊社の担当が返信を待っています", "先日の展示会ではありがとうございました",
    "저는 지난주 강연을 들었습니다",
]  # fmt: skip


@pytest.mark.parametrize("line", PEOPLE_WRITE)
def test_what_people_write_is_no_line_of_linkedins(line: str) -> None:
    assert (frame.is_chrome(line), line in tables.chrome().footers) == (False, False)


@pytest.mark.parametrize(
    "line", [*PEOPLE_WRITE, "Hiring two engineers", "Best practices in mail", "Thanks to your talk I moved"]
)
def test_what_people_write_is_no_courtesy(line: str) -> None:
    words = notes.plain(line)
    assert [pattern.pattern for pattern in tables.courtesies() if pattern.fullmatch(words)] == []


# ------------------------------------------------------------------------------------------------------------- kinds


def _examples() -> Iterator[tuple[str, str, frozenset[Kind]]]:
    for language in LANGUAGES:
        for table in ("subject", "footer", "line", "phrase"):
            for entry in WORDS[language].get(table, ()):
                kinds = frozenset(Kind(kind) for kind in entry.get("kinds", ()))
                yield from ((table, _filled(text), kinds) for text in entry["patterns"] if kinds)


@pytest.mark.parametrize(
    ("table", "signal"),
    [("subject", "subjects"), ("footer", "footers"), ("line", "phrases"), ("phrase", "phrases")],
)
def test_words_speak_for_their_own_kinds_and_for_no_other(table: str, signal: str) -> None:
    patterns = getattr(tables.signals(), signal)
    for text, own in [(text, kinds) for known, text, kinds in _examples() if known == table]:
        spoken = {one.kinds for one in patterns if one.pattern.search(text)}
        assert own in spoken, text
        assert [kinds for kinds in spoken if not kinds & own] == [], text


@pytest.mark.parametrize(
    ("subject", "kinds"),
    [
        ("I want to connect", {Kind.INVITATION}),
        ("Re: [list] Join my network on LinkedIn", {Kind.INVITATION}),
        ("I want to connect the new pump", set()),
        ("Your monthly report", set()),
        ("Anna Berg’s invitation is awaiting your response", {Kind.REMINDER}),
        ("You have 3 new invitations", {Kind.DIGEST}),
    ],
)
def test_a_subject_speaks_for(subject: str, kinds: set[Kind]) -> None:
    spoken = {kind for one in tables.signals().subjects if one.pattern.search(subject) for kind in one.kinds}
    assert spoken == kinds


# ------------------------------------------------------------------------------------------------- frame of the notes

AROUND_A_DEFAULT = {
    "ar": ("السلام عليكم", "مع أطيب التحيات"), "bn": ("নমস্কার", "ধন্যবাদ"),
    "cs": ("Dobrý den", "S pozdravem"), "da": ("Hej Robin", "Med venlig hilsen"),
    "de": ("Sehr geehrte Frau Ashdown", "Viele Grüße aus Graz"), "el": ("Καλημέρα σας", "Με εκτίμηση"),
    "en": ("Good morning Robin", "Kind regards"), "es": ("Buenos días", "Un cordial saludo"),
    "fa": ("با سلام و احترام", "با تشکر"), "fi": ("Hyvää päivää", "Ystävällisin terveisin"),
    "fr": ("Bonjour Madame", "Bien cordialement"), "he": ("שלום רב", "תודה מראש"),
    "hi": ("नमस्ते जी", "बहुत धन्यवाद"), "hu": ("Kedves Robin", "Üdvözlettel"),
    "id": ("Selamat pagi Bapak", "Terima kasih banyak"), "it": ("Buongiorno", "Cordiali saluti"),
    "ja": ("はじめまして", "よろしくお願いいたします"), "ko": ("안녕하세요", "감사합니다"),
    "mr": ("नमस्कार", "धन्यवाद"), "ms": ("Salam sejahtera", "Terima kasih"),
    "nl": ("Goedemorgen Robin", "Met vriendelijke groet"), "no": ("God dag", "Med vennlig hilsen"),
    "pa": ("ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ ਜੀ", "ਧੰਨਵਾਦ"), "pl": ("Dzień dobry", "Z poważaniem"),
    "pt": ("Bom dia", "Atenciosamente"), "ro": ("Bună ziua", "Cu stimă"), "ru": ("Добрый день", "С уважением"),
    "sv": ("God morgon", "Med vänliga hälsningar"), "te": ("నమస్కారం అండి", "ధన్యవాదాలు"),
    "th": ("สวัสดีครับ", "ขอบคุณครับ"), "tl": ("Magandang umaga po", "Maraming salamat"),
    "tr": ("İyi günler", "Saygılarımla"), "uk": ("Доброго дня", "З повагою"),
    "vi": ("Xin chào anh", "Trân trọng"), "zh-cn": ("您好", "谢谢"), "zh-tw": ("您好", "謝謝您"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_courtesies_around_a_default_sentence_add_no_reason(language: str) -> None:
    greeting, closing = AROUND_A_DEFAULT[language]
    default = next(note["text"] for note in NOTES if note["language"] == language)
    verdict = judge(an_invitation(note=f"{greeting},\n\n{default}\n\n{closing}"))
    assert verdict.kind is VerdictKind.GENERIC


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_loses_what_linkedin_puts_behind_it(language: str) -> None:
    shown = [f"Anna Berg {form}" for form in _patterns(language, "via")]
    shown += [f"Anna Berg ({form.upper()})" for form in _patterns(language, "via")]
    assert {names.without_via(name) for name in shown} == {"Anna Berg"}


def test_words_before_a_company_are_the_unmistakable_ones_and_a_languages_own() -> None:
    assert {"at", "@", "bei", "chez", "presso", "hos", "bij"} <= set(tables.company_words())
    assert "en" not in tables.company_words()
    assert {"at", "en"} <= set(tables.company_words("es"))
    assert {"w", "we"} <= set(tables.company_words("pl"))


# ------------------------------------------------------------------------------------------- without one language


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_can_be_built_without_one_language(language: str) -> None:
    whole, rest = tables.chrome(), tables.chrome(without=language)
    lines = [_filled(pattern) for pattern in _patterns(language, "line")]
    assert all(rest.lines.languages(line) == whole.lines.languages(line) - {language} for line in lines)
    assert {note.language for note in tables.default_notes(without=language)} == set(LANGUAGES) - {language}
    assert len(tables.courtesies(without=language)) == len(tables.courtesies()) - 3


def test_signals_without_a_language_do_not_know_its_words() -> None:
    subject = "Приглашение установить контакт в LinkedIn"
    told = [
        bool(any(one.pattern.search(subject) for one in tables.signals(without).subjects)) for without in ("", "ru")
    ]
    assert told == [True, False]
