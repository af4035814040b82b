"""The workshop: a person makes templates their own, sees what that changes, and loses no word."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from twins.mailbox import Store, StoredMail, TwinMailbox

from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.cycle import run_pass
from watcher.domain import message, reading, reply
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic, VerdictKind
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.values import Draft, Invitation, Reading
from watcher.errors import GiveUp, Show
from watcher.person.trial import sample_readings
from watcher.person.workshop import Key, Workshop
from watcher.ports import Record
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Drafting, Template, Voice
from watcher.steps.writing import Hand

MAILS = {mail.name: mail.content for mail in sample_mails()}
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SATURDAY = TUESDAY + timedelta(days=4)
EN_GENERIC = Key("en", "generic")


@dataclass
class Clock:
    at: datetime = TUESDAY

    def now(self) -> datetime:
        return self.at


@dataclass
class NoSignatures:
    def verify(self, content: bytes, now: datetime) -> Checked:
        assert content, now
        return Checked(Authentic.UNKNOWN, "no signature")


@dataclass
class House:
    """A person with a folder of templates, a mailbox and a ledger."""

    folder: Path
    ledger: SqlLedger
    clock: Clock = field(default_factory=Clock)
    variant: str = ""
    quotes: bool = False
    templates: FileTemplates = field(init=False)

    def __post_init__(self) -> None:
        self.templates = FileTemplates(self.folder)

    @property
    def workshop(self) -> Workshop:
        samples, hand = sample_readings([*MAILS.values()]), Hand(RECIPIENT, self.variant, self.quotes)
        return Workshop(self.templates, FolderFiles(self.folder), samples, hand, ("en", "de"), self.clock)

    def write(self, text: str, key: str = "en/generic") -> Path:
        place = self.folder / f"{key}.txt.j2"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
        return place

    def pass_over(self, *names: str) -> tuple[Record, ...]:
        """Draft answers to these samples; the newest first."""
        store = Store()
        for name in names or MAILS:
            store.folders["INBOX"].add(StoredMail(MAILS[name], self.clock.at))
        voice = Voice("me@example.test", RECIPIENT, ("en", "de"), b"k" * 32, self.variant, self.quotes)
        account = Account(voice, ("INBOX",), timedelta(days=999), Policy(), Trust(AUTHSERV))
        run_pass(account, Ports(TwinMailbox(store), self.ledger, self.templates, self.clock, NoSignatures()))
        return self.ledger.listing()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    one = House(tmp_path / "mine", ledger)
    yield one
    one.templates.close()
    ledger.close()


def read_sample(name: str) -> Reading:
    return reading.read(message.parse(MAILS[name]), Trust(AUTHSERV))


def text_of(draft: Draft) -> str:
    body = message_from_bytes(draft.content, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def templates_of(records: tuple[Record, ...]) -> list[str]:
    return [f"{one.draft.intent.language}/{one.draft.intent.template}" for one in reversed(records) if one.draft]


# ---------------------------------------------------------------------------------------------- what a pass makes of it


def test_a_pass_uses_the_variant_whose_lines_hold_and_its_subject(house: House) -> None:
    house.write(
        "---\nsubject: About {{ inviter.first_name }}\nwhen weekday: sat, sun\n---\nWeekend.\n", "en/generic.rest"
    )
    assert templates_of(house.pass_over("01-no-note.eml")) == ["en/generic"]
    house.clock.at = SATURDAY
    (second, _) = house.pass_over("01-no-note.eml", "02-default-sentence.eml")
    assert second.draft is not None
    mail = message_from_bytes(second.draft.intent.content, policy=default)
    assert (second.draft.intent.template, mail["Subject"]) == ("generic.rest", "About Caspian")
    assert text_of_record(second).startswith("Weekend.\n\n- - - - - 8<")


def text_of_record(record: Record) -> str:
    assert record.draft is not None
    return text_of(Draft(record.draft.intent.content, "", "", "", ""))


def test_the_persons_own_words_keep_the_subject_of_the_draft_that_they_replace(house: House) -> None:
    house.write("---\nsubject: Grüße an {{ inviter.first_name }}\n---\nHi\n")
    (record,) = house.pass_over("01-no-note.eml")
    assert record.draft is not None
    made = _drafting(house).compose_own(record.key, record.reading, 2, "My words.", record.draft.intent)
    assert message_from_bytes(made.content, policy=default)["Subject"] == "Grüße an Ottoline"
    assert text_of(made).startswith("My words.\n\n- - - - - 8<")


def _drafting(house: House) -> Drafting:
    voice = Voice("me@example.test", RECIPIENT, ("en",), b"k" * 32)
    return Drafting(voice, TwinMailbox(Store()), house.ledger, house.templates, house.clock)


@pytest.mark.parametrize(("variant", "name"), [("firm", "generic.firm"), ("curt", "generic"), ("", "generic")])
def test_the_variant_of_the_settings_is_used_where_there_is_one(house: House, variant: str, name: str) -> None:
    house.write("Firm.\n", "en/generic.firm")
    house.variant = variant
    assert templates_of(house.pass_over("01-no-note.eml")) == [f"en/{name}"]


def test_a_variant_whose_block_is_broken_holds_with_its_file_and_line(house: House) -> None:
    place = house.write("---\nwhen moon: full\n---\nHi\n", "en/generic.moon")
    (record,) = house.pass_over("01-no-note.eml")
    assert record.state == "held"
    assert f"{place}, line 2: `when moon` is not known. A condition asks for" in record.reason


def test_a_person_may_name_any_variant_whatever_the_rules_say(house: House) -> None:
    house.write("Firm.\n", "en/generic.firm")
    house.write("---\nwhen weekday: tue\n---\nTuesday.\n", "en/generic.tuesday")
    (record,) = house.pass_over("01-no-note.eml")
    drafting = _drafting(house)
    for name, is_exact, used in [
        ("generic.firm", True, "generic.firm"),
        ("generic", True, "generic"),
        ("generic", False, "generic.tuesday"),
    ]:
        made = drafting.compose(record.key, record.reading, 2, Template(name, is_exact=is_exact))
        assert made.template == used


def test_what_is_mailed_quotes_where_the_settings_say_so_and_what_is_pasted_does_not(house: House) -> None:
    house.quotes = True
    records = house.pass_over("10-answerable-by-mail.eml", "02-default-sentence.eml")
    pasted, mailed = sorted(map(text_of_record, records), key=lambda text: "8<" not in text)
    assert "wrote:\n> " in mailed
    assert "wrote:" not in pasted
    assert text_of(house.workshop.preview("en/generic", read_sample("10-answerable-by-mail.eml"))) == mailed


# ------------------------------------------------------------------------------------------------------ preview and key


@pytest.mark.parametrize(
    ("written", "sample", "answer_in", "hello"),
    [
        ("en/generic", "03-default-sentence-german.eml", "", "Hi"),
        ("generic", "03-default-sentence-german.eml", "", "Hallo"),
        ("generic", "01-no-note.eml", "", "Hi"),
        ("generic", "01-no-note.eml", "fr", "Bonjour"),
        ("known", "01-no-note.eml", "de", "Hallo"),
    ],
)
def test_a_preview_is_the_message_as_it_would_be(
    house: House, written: str, sample: str, answer_in: str, hello: str
) -> None:
    made = house.workshop.preview(written, read_sample(sample), answer_in)
    assert text_of(made).startswith(f"{hello} ")
    assert message_from_bytes(made.content, policy=default)["From"] == "Robin Ashdown <me@example.test>"


def test_a_text_that_is_not_saved_can_be_previewed(house: House) -> None:
    text = "---\nsubject: So\n---\nHello {{ inviter.name }}.\n"
    made = house.workshop.preview("en/generic.new", read_sample("10-answerable-by-mail.eml"), text=text)
    mail = message_from_bytes(made.content, policy=default)
    assert (mail["Subject"], text_of(made)) == ("So", "Hello Matteo Grassi.\n")
    assert not house.folder.exists()


@pytest.mark.parametrize(
    ("written", "answer_in", "told"),
    [
        ("en/polite", "", "there is no template en/polite"),
        ("../x", "", "is no template: write LANGUAGE/NAME"),
        ("en/a/b", "", "is no template"),
        ("en/.hidden", "", "is no template"),
        ("en/generic", "de", "names its language already"),
    ],
)
def test_a_name_that_is_none_is_told(house: House, written: str, answer_in: str, told: str) -> None:
    with pytest.raises(GiveUp, match=told):
        house.workshop.preview(written, read_sample("01-no-note.eml"), answer_in)


# -------------------------------------------------------------------------------------------- copy, save, restore, diff


def test_a_copy_is_used_at_once_and_reads_the_same(house: House) -> None:
    done = house.workshop.copy(EN_GENERIC, EN_GENERIC)
    assert done.path == str(house.folder / "en" / "generic.txt.j2")
    about = read_sample("01-no-note.eml")
    own = text_of(house.workshop.preview("en/generic", about))
    assert own == text_of(replace(house, folder=house.folder.parent / "none").workshop.preview("en/generic", about))
    (difference,) = house.workshop.differences()
    assert (difference.lines, difference.has_moved_on) == ((), False)


def test_a_copy_replaces_nothing_unless_told_to_and_then_moves_it_aside(house: House) -> None:
    house.write("Mine.\n")
    with pytest.raises(GiveUp, match="you have your own en/generic already: nothing was changed"):
        house.workshop.copy(EN_GENERIC, EN_GENERIC)
    assert house.workshop.files.own("en", "generic") == "Mine.\n"
    done = house.workshop.copy(Key("en", "unsure"), EN_GENERIC, force=True)
    assert Path(done.kept).read_text() == "Mine.\n"
    assert "your note I am not quite sure" in (house.workshop.files.own("en", "generic") or "")


def test_a_copy_under_another_name_begins_with_what_is_in_use(house: House) -> None:
    house.write("Mine.\n")
    house.workshop.copy(EN_GENERIC, Key("en", "generic.short"))
    assert house.workshop.files.own("en", "generic.short") == "Mine.\n"
    with pytest.raises(GiveUp, match="there is no template en/polite"):
        house.workshop.copy(Key("en", "polite"), Key("en", "x"))


def test_a_difference_tells_lines_and_whether_the_shipped_one_has_changed_since(house: House) -> None:
    place = Path(house.workshop.copy(EN_GENERIC, EN_GENERIC).path)
    house.workshop.copy(EN_GENERIC, Key("en", "generic.brief"))
    text = place.read_text()
    place.write_text(text.replace("Hi{%", "Hello{%"))
    changed, variant = house.workshop.differences()
    assert [line for line in changed.lines if line[:1] in "+-"] == [
        "--- shipped en/generic",
        "+++ your en/generic",
        "-Hi{% if inviter.greeting %} {{ inviter.greeting }}{% endif %},",
        "+Hello{% if inviter.greeting %} {{ inviter.greeting }}{% endif %},",
    ]
    assert (str(variant.shipped), variant.lines) == ("en/generic", ())
    digest = text.split()[-2]
    place.write_text(text.replace(digest, "0" * 12))
    (older,) = house.workshop.differences(EN_GENERIC)
    assert (older.has_moved_on, older.lines) == (True, ())


def test_a_template_that_is_ones_own_alone_has_nothing_beside_it(house: House) -> None:
    house.write("Hei.\n", "fi/generic")
    (difference,) = house.workshop.differences()
    assert (difference.shipped, difference.has_moved_on) == (None, False)
    with pytest.raises(GiveUp, match="you have no en/generic of your own"):
        house.workshop.differences(EN_GENERIC)


def test_a_text_is_saved_once_it_is_right(house: House) -> None:
    place = house.write("Old.\n")
    with pytest.raises(Show) as shown:
        house.workshop.save("en", "generic", "Hi\r\n{{ nmae }} TODO\r\n")
    assert [problem.where for problem in shown.value.problems] == [f"{place}:2", f"{place}:2"]
    assert place.read_text() == "Old.\n"
    saved = house.workshop.save("en", "generic", "Hi {{ inviter.first_name }},\r\n\r\nwhy?")
    assert (saved.path, place.read_text()) == (str(place), "Hi {{ inviter.first_name }},\n\nwhy?\n")
    assert [one.line for one in saved.warnings] == [1]


@pytest.mark.parametrize(
    "key", [("en", "../generic"), ("..", "generic"), ("en", ""), ("en", "a.b.c"), ("EN", "generic")]
)
def test_a_text_is_saved_under_a_name_of_a_template_alone(house: House, key: tuple[str, str]) -> None:
    with pytest.raises(GiveUp, match="is no template"):
        house.workshop.save(*key, "Hi\n")
    assert not house.folder.exists()


def test_the_shipped_one_is_restored_and_the_persons_words_are_kept(house: House) -> None:
    house.write("Mine.\n")
    restored = house.workshop.restore("en", "generic")
    assert (restored.now, Path(restored.kept).read_text()) == ("The shipped one is used from now on.", "Mine.\n")
    assert house.workshop.differences() == ()
    with pytest.raises(GiveUp, match="you have no en/generic of your own"):
        house.workshop.restore("en", "generic")


def test_where_none_is_shipped_a_template_that_is_moved_aside_is_gone_and_that_is_told(house: House) -> None:
    house.write("Mine.\n", "en/generic.a")
    restored = house.workshop.restore("en", "generic.a")
    assert (restored.now, Path(restored.kept).read_text()) == ("There is no en/generic.a any more.", "Mine.\n")
    with pytest.raises(GiveUp, match=r"there is no template en/generic\.a"):
        house.workshop.restore("en", "generic.a")


# -------------------------------------------------------------------------------------------------------------- try out


def test_a_text_is_tried_on_those_whom_it_would_answer(house: House) -> None:
    records = house.pass_over()
    text = "{% if note %}\nNew words.\n{% else %}\nHi {{ inviter.greeting or 'you' }},\n{% endif %}"
    tried = house.workshop.try_out(text, "en", "generic", records)
    answered = [
        one
        for one in records
        if one.draft and (one.draft.intent.language, one.draft.intent.template) == ("en", "generic")
    ]
    assert {one.id for one in answered} <= {one.number for one in tried}
    assert all(one.before == one.after == EN_GENERIC for one in tried)
    assert any("+New words." in one.lines for one in tried)
    assert house.ledger.listing() == records, "nothing is changed"
    assert not house.folder.exists()


def test_a_text_that_says_the_same_changes_nothing(house: House) -> None:
    records = house.pass_over()
    same = house.workshop.files.shipped("en", "generic") or ""
    tried = house.workshop.try_out(f"{same}\n\n{{# a comment #}}\n", "en", "generic", records)
    assert len(tried) > 3
    assert all(one.is_same for one in tried)


def test_a_new_variant_is_tried_on_those_whom_it_takes_over(house: House) -> None:
    house.clock.at = SATURDAY
    records = house.pass_over("01-no-note.eml", "02-default-sentence.eml", "05-own-words-reason.eml")
    text = "---\nwhen weekday: saturday\nwhen headline: growth\n---\nNo, thank you.\n"
    (tried,) = house.workshop.try_out(text, "en", "generic.weekend", records)
    assert (tried.who, str(tried.before), str(tried.after)) == ("Caspian Doyle", "en/generic", "en/generic.weekend")
    house.clock.at = TUESDAY
    assert len(house.workshop.try_out(text, "en", "generic.weekend", records)) == 1, "its day is that of its handling"


def test_a_text_that_fails_says_so_for_each(house: House) -> None:
    records = house.pass_over("01-no-note.eml", "02-default-sentence.eml")
    tried = house.workshop.try_out("Hi\n{{ note.upper() }}\n", "en", "generic", records)
    assert [bool(one.problem) for one in tried] == [False, True]
    assert "line 2" in tried[1].problem


def test_a_text_whose_block_is_wrong_is_tried_on_nobody(house: House) -> None:
    records = house.pass_over("01-no-note.eml")
    with pytest.raises(GiveUp, match="line 2: `when moon` is not known"):
        house.workshop.try_out("---\nwhen moon: full\n---\nHi\n", "en", "generic.moon", records)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (Key("zz", "generic"), "add it to WATCHER_LANGUAGES"),
        (Key("fr", "generic"), "answered: en, de"),
        (Key("en", "qq"), "no invitation is answered with qq"),
        (Key("en", "qq.short"), "name another with --as; there are generic, boilerplate, personalised, unsure, known"),
        (Key("en", "paste-on-linkedin"), "no invitation is answered with paste-on-linkedin"),
    ],
)
def test_a_name_that_no_invitation_can_come_to_is_refused(house: House, key: Key, told: str) -> None:
    with pytest.raises(GiveUp) as refused:
        house.workshop.refuse_unasked(key, ())
    assert told in str(refused.value)


@pytest.mark.parametrize("key", [EN_GENERIC, Key("de", "generic.new"), Key("en", "known")])
def test_one_that_some_invitation_might_come_to_is_tried(house: House, key: Key) -> None:
    house.workshop.refuse_unasked(key, ())


def test_a_name_of_the_persons_own_is_tried_on_those_who_were_answered_with_it(house: House) -> None:
    (record,) = house.pass_over("01-no-note.eml")
    assert record.draft is not None
    intent = replace(record.draft.intent, template="polite.short", language="fr")
    house.workshop.refuse_unasked(Key("fr", "polite"), [replace(record, draft=replace(record.draft, intent=intent))])


def test_the_drafts_that_were_made_are_compared_with_the_words_of_now(house: House) -> None:
    records = house.pass_over("01-no-note.eml", "05-own-words-reason.eml", "10-answerable-by-mail.eml")
    assert all(one.is_same for one in house.workshop.against_drafts(records))
    house.write("---\nsubject: New\n---\nNew words.\n")
    changed = [one for one in house.workshop.against_drafts(records) if not one.is_same]
    assert changed
    for one in changed:
        assert "+Subject: New" in one.lines
        assert "+New words." in one.lines
        assert not [line for line in one.lines if "8<" in line], "the block for the person alone is no part of it"
    assert len(house.workshop.against_drafts(records, Key("en", "personalised"))) == 1


def test_quotes_and_signatures_count_as_a_change_of_the_settings_does(house: House) -> None:
    records = house.pass_over("10-answerable-by-mail.eml")
    house.quotes = True
    (tried,) = house.workshop.against_drafts(records)
    assert [line for line in tried.lines if line.startswith("+On ")]


# ------------------------------------------------------------------------------------------------------------ variables


def test_the_variables_told_are_those_that_a_template_gets_and_each_that_may_lack_does(house: House) -> None:
    told = {one.name: one.may_lack for one in house.workshop.variables()}
    flat = _flat(house.workshop.samples[0])
    assert list(told) == sorted(flat, key=list(told).index)
    empty = {name for one in house.workshop.samples for name, value in _flat(one).items() if not value}
    assert {name for name in empty if not told[name]} == set()
    assert VerdictKind.GENERIC in set(map(str, flat.values()))


def _flat(about: Reading) -> dict[str, object]:
    assert isinstance(about.found, Invitation)
    values = reply.template_values(about, about.found, RECIPIENT, "en")
    flat: dict[str, object] = {}
    for name, value in values.items():
        flat |= {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {name: value}
    return flat
