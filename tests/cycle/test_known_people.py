"""Whom the person knows is not asked why: skipped, or answered with the template for people one knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cycle.desk import Desk
from cycle.house import DEFAULT, GERMAN, NO_NOTE, SAMPLES, House, in_own_words
from twins.address_book import BookInMemory
from twins.language_model import KeptInMemory, ModelInMemory, says
from twins.mailbox import TwinMailbox

from watcher import review
from watcher.adapters.ledger import open_ledger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import PassReport, Wish, run_pass
from watcher.domain.acquaintances import People
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.opinion.grounds import Ground
from watcher.domain.plan import ForKnown, Policy, SkipReason, Strictness
from watcher.domain.reading import Trust
from watcher.domain.threads import Thread
from watcher.errors import TryAgain
from watcher.person.correcting import judge
from watcher.ports import Record, TemplateSource
from watcher.samples import RECIPIENT
from watcher.steps.account import Ports
from watcher.steps.opinions import SecondJudge

ME = "me@example.test"
GUEST, ANSWERABLE = SAMPLES["09-guest-by-own-address.eml"], SAMPLES["10-answerable-by-mail.eml"]
LEOCADIA = "leocadia.finch@example.org"


class AskedMailbox(TwinMailbox):
    """Keeps what is asked about mail that was sent."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.asked: list[str] = []

    def sent_to(self, folder: str, address: str) -> tuple[Thread, ...]:
        assert folder == "Sent"
        self.asked.append(address)
        return super().sent_to(folder, address)


class WithoutKnown(FileTemplates):
    def listing(self) -> tuple[TemplateSource, ...]:
        return tuple(one for one in super().listing() if (one.language, one.name) != ("en", "known"))


@dataclass
class Friends:
    """A person who knows people, and passes over their mailbox."""

    house: House
    book: BookInMemory = field(default_factory=BookInMemory)
    asked: list[str] = field(default_factory=list)
    templates: FileTemplates = field(default_factory=FileTemplates)

    def knows(self, person: str) -> None:
        assert self.house.ledger.know(ME, person, self.house.clock.now())

    def ports(self) -> Ports:
        house = self.house
        mailbox = AskedMailbox(house.store)
        self.asked = mailbox.asked
        return Ports(mailbox, house.ledger, self.templates, house.clock, house.signatures, None, self.book)

    def look(self, *mails: bytes, wish: Wish | None = None, **policy: object) -> PassReport:
        self.house.deliver(*mails)
        account = replace(self.house.account, policy=replace(self.house.account.policy, **policy))  # type: ignore[arg-type]
        return run_pass(account, self.ports(), wish)

    @property
    def row(self) -> Record:
        return review.find(self.house.ledger, 1)

    def wrote(self, header: str = "") -> None:
        mail = f"From: {ME}\r\nTo: Leo <{LEOCADIA.title()}>\r\nMessage-ID: <own@example.test>\r\n{header}\r\nHello\r\n"
        self.house.deliver(mail.encode(), folder="Sent")


@pytest.fixture
def friends(tmp_path: Path) -> Iterator[Friends]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield Friends(House(ledger))
    ledger.close()


def _drafted(report: PassReport) -> tuple[State, str, str, str]:
    """State, template, language and what decided first."""
    (outcome,) = report.outcomes
    assert outcome.record is not None
    assert outcome.record.draft is not None
    assert outcome.reading.verdict is not None
    intent = outcome.record.draft.intent
    why = [evidence.why for evidence in outcome.reading.verdict.evidence]
    return outcome.state, intent.template, intent.language, why[0] if why else ""


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("ottoline marsh", "you said that you know a person of this name"),
        ("https://www.linkedin.com/in/ottoline-marsh", "you said that you know this profile"),
    ],
)
def test_whom_the_person_named_is_not_asked_why(friends: Friends, person: str, why: str) -> None:
    friends.knows(person)
    assert _drafted(friends.look(NO_NOTE)) == (State.DRAFTED, "known", "en", why)
    (content,) = [mail.content for mail in friends.house.drafts.values()]
    assert b"Good to hear from you" in content
    assert b"?" not in re.sub(rb"=\?.*?\?=", b"", content.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (People(names=frozenset({"ottoline marsh"})), "a person of this name is in your address book"),
        (
            People(profiles=frozenset({"https://www.linkedin.com/in/ottoline-marsh"})),
            "your address book has this profile",
        ),
    ],
)
def test_who_is_in_the_address_book_is_known(friends: Friends, people: People, why: str) -> None:
    friends.book.people = people
    assert _drafted(friends.look(NO_NOTE)) == (State.DRAFTED, "known", "en", why)
    assert friends.row.reading.verdict is not None
    assert friends.row.reading.verdict.evidence[0].why == why


def test_in_german_too(friends: Friends) -> None:
    friends.knows("jörn petersilie")
    assert _drafted(friends.look(GERMAN))[1:3] == ("known", "de")


def test_others_are_asked_as_ever(friends: Friends) -> None:
    friends.knows("caspian doyle")
    friends.book.people = People(names=frozenset({"caspian doyle"}))
    assert _drafted(friends.look(NO_NOTE))[1] == "generic"


def test_who_is_known_may_be_skipped_instead(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    report = friends.look(NO_NOTE, for_known=ForKnown.SKIP)
    (outcome,) = report.outcomes
    assert (outcome.state, outcome.skipped) == (State.SKIPPED, SkipReason.KNOWN)
    assert outcome.reason == "you said that you know a person of this name"
    assert (report.summary.skipped, dict(friends.house.drafts)) == ({"known": 1}, {})


def test_a_language_without_the_template_skips(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    friends.templates = WithoutKnown()
    assert [one.skipped for one in friends.look(NO_NOTE).outcomes] == [SkipReason.KNOWN]


@pytest.mark.parametrize("for_known", ForKnown)
def test_what_must_not_be_drafted_is_not_for_a_friend_either(friends: Friends, for_known: ForKnown) -> None:
    friends.knows("ottoline marsh")
    unproven = NO_NOTE.replace(b"dkim=pass", b"dkim=none").replace(b"dmarc=pass", b"dmarc=none")
    assert [one.state for one in friends.look(unproven, for_known=for_known).outcomes] == [State.HELD]


@pytest.mark.parametrize("for_known", ForKnown)
def test_who_is_never_answered_is_not_as_a_friend_either(friends: Friends, for_known: ForKnown) -> None:
    friends.knows("ottoline marsh")
    report = friends.look(NO_NOTE, for_known=for_known, skip=frozenset({"ottoline marsh"}))
    assert [one.skipped for one in report.outcomes] == [SkipReason.NEVER_ANSWERED]


def test_with_a_friend_the_verdict_does_not_count(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    assert _drafted(friends.look(NO_NOTE, draft_for=frozenset({VerdictKind.PERSONALISED})))[1] == "known"


def test_a_friend_gets_one_draft_within_90_days_and_no_more_a_pass_than_others(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    friends.look(NO_NOTE)
    report = friends.look(SAMPLES["12-same-person-again.eml"])
    assert [one.skipped for one in report.outcomes] == [SkipReason.SAME_PERSON]
    assert [one.state for one in friends.look(DEFAULT, drafts_per_pass=0).outcomes] == [State.SEEN]


def test_a_dry_run_tells_it(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    (outcome,) = friends.look(NO_NOTE, wish=Wish(dry_run=True), for_known=ForKnown.SKIP).outcomes
    assert (outcome.state, outcome.skipped) == (State.SKIPPED, SkipReason.KNOWN)


def test_no_language_model_is_asked_about_a_friends_note(friends: Friends) -> None:
    friends.knows("https://www.linkedin.com/in/tilda-5")
    model = ModelInMemory(says(Ground.MET))
    second = SecondJudge(model, KeptInMemory(), lambda: b"s" * 16, b"k" * 32, RECIPIENT, timedelta(seconds=30), 100)
    friends.house.deliver(in_own_words())
    assert _drafted(run_pass(friends.house.account, replace(friends.ports(), second=second)))[1] == "known"
    assert model.asked == []


def test_one_who_is_named_later_is_known_from_then_on(friends: Friends) -> None:
    friends.look(NO_NOTE, DEFAULT, drafts_per_pass=1)
    friends.knows("caspian doyle")
    friends.look()
    assert {_template(row) for row in friends.house.ledger.listing()} == {"generic", "known"}


def test_without_its_book_a_pass_drafts_nothing_and_tries_again(friends: Friends) -> None:
    friends.book.is_gone = True
    with pytest.raises(TryAgain, match="address book"):
        friends.look(NO_NOTE)
    assert dict(friends.house.drafts) == {}
    friends.book.is_gone = False
    assert _drafted(friends.look())[1] == "generic"


def test_the_book_is_read_once_a_pass_and_only_for_what_is_new(friends: Friends) -> None:
    friends.look()
    assert friends.book.times_read == 0
    friends.look(NO_NOTE, DEFAULT)
    assert friends.book.times_read == 1
    friends.look(SAMPLES["13-accepted.eml"])
    friends.look(wish=Wish(since=friends.house.clock.now().date()))
    assert friends.book.times_read == 1


# ------------------------------------------------------------------------------------------------- what lies in Sent

WARN = Policy(strictness=Strictness.WARN)


@pytest.fixture
def guests(friends: Friends) -> Friends:
    """Where mail from an inviter's own address is drafted."""
    friends.house.account = replace(friends.house.account, policy=WARN)
    return friends


def test_whom_the_person_wrote_to_is_known(guests: Friends) -> None:
    guests.wrote()
    assert _drafted(guests.look(GUEST))[1:] == ("known", "en", "you wrote to this address before")
    assert guests.asked == [LEOCADIA]
    assert guests.row.reading.verdict is not None
    assert guests.row.reading.verdict.evidence[0].text == LEOCADIA


def test_an_answer_to_an_invitation_makes_nobody_known(guests: Friends) -> None:
    guests.wrote("In-Reply-To: <9.105.1795000000000@lva1-app1005.prod.linkedin.com>\r\n")
    assert _drafted(guests.look(GUEST))[1] == "generic"


def test_nobody_is_looked_for_in_sent_where_that_is_off(guests: Friends) -> None:
    guests.wrote()
    assert _drafted(guests.look(GUEST, known_by_sent=False))[1] == "generic"
    assert guests.asked == []


def test_without_a_sent_folder_nobody_is_known_by_it(guests: Friends) -> None:
    guests.house.store.sent = None
    assert _drafted(guests.look(GUEST))[1] == "generic"


def test_sent_is_asked_for_an_own_address_alone_and_only_before_a_draft(guests: Friends) -> None:
    guests.look(NO_NOTE, DEFAULT, ANSWERABLE)
    assert (guests.asked, len(guests.house.drafts)) == ([], 3)
    guests.look(GUEST, draft_for=frozenset({VerdictKind.PERSONALISED}))
    assert (guests.asked, len(guests.house.drafts)) == ([], 3)


def test_a_relay_that_the_person_named_is_nobodys_own(guests: Friends) -> None:
    guests.wrote()
    account = guests.house.account
    guests.house.account = replace(account, trust=Trust(account.trust.authserv_id, (LEOCADIA.title(),)))
    assert _drafted(guests.look(GUEST))[1] == "generic"
    assert guests.asked == []


def test_whom_the_person_wrote_to_may_be_skipped(guests: Friends) -> None:
    guests.wrote()
    assert [one.skipped for one in guests.look(GUEST, for_known=ForKnown.SKIP).outcomes] == [SkipReason.KNOWN]


def test_an_address_that_the_person_named_needs_no_look_into_sent(guests: Friends) -> None:
    guests.knows(LEOCADIA)
    assert _drafted(guests.look(GUEST))[1:] == ("known", "en", "you said that you know this address")
    assert guests.asked == []


# ---------------------------------------------------------------------------------------------------- by command


class Hands(Desk):
    def __init__(self, friends: Friends) -> None:
        super().__init__(friends.house)
        self._friends = friends

    def ports(self) -> Ports:
        return self._friends.ports()


def _template(record: Record) -> str:
    assert record.draft is not None
    return record.draft.intent.template


def test_a_redraft_for_someone_known_by_now_greets_them(friends: Friends) -> None:
    friends.look(NO_NOTE)
    friends.knows("ottoline marsh")
    hands = Hands(friends)
    assert _template(hands.redraft()) == "known"
    assert _template(hands.redraft("generic")) == "generic"
    assert len(hands.contents) == 1


def test_a_draft_that_the_person_asks_for_greets_them(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    friends.look(NO_NOTE, for_known=ForKnown.SKIP)
    assert _template(Hands(friends).draft()) == "known"


def test_a_verdict_on_a_friends_note_leaves_their_draft_alone(friends: Friends) -> None:
    friends.knows("ottoline marsh")
    friends.look(NO_NOTE)
    hands = Hands(friends)
    before = hands.contents
    judged = judge(1, VerdictKind.PERSONALISED, friends.house.account, friends.ports(), _NoRemoval())
    assert judged.told == "its draft was left alone: it is of the template known already"
    assert hands.contents == before


class _NoRemoval:
    def remove_draft(self, *_: object) -> None:
        raise AssertionError("nothing is to be removed")
