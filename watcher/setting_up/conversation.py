"""Sets a mailbox up by at most eight questions: each answer is tried at once, and what fails is asked again.

Nothing that was answered is lost by a failure: it stands as the answer to the same question, and Enter takes it again.
What comes out are settings, by full name; nothing is written here, and nothing is kept before the person said yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from watcher.domain import server_line
from watcher.domain.genuine import Proposal
from watcher.domain.kinds import VerdictKind
from watcher.domain.providers import MailProvider, Way
from watcher.domain.server_line import USUAL_PORT, as_typed
from watcher.domain.tokens import Tokens
from watcher.errors import NotLetIn, Problem, Show, TryAgain, WatcherError
from watcher.ports import Mailbox, Protection
from watcher.setting_up.asking import Ground, Question, Set, Talk
from watcher.setting_up.consent import JustGiven
from watcher.setting_up.discovery import Found, Source, discover

MOST_QUESTIONS = 8

ASKED = tuple(
    f"WATCHER_{name}"
    for name in (
        "MAILBOX", "IMAP_HOST", "IMAP_PORT", "IMAP_SECURITY", "IMAP_USER", "IMAP_PASSWORD", "IMAP_PASSWORD_FILE",
        "IMAP_AUTH", "OAUTH_PROVIDER", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "MY_NAME", "MY_ADDRESS", "LANGUAGES",
        "DRAFT_FOR", "TRUSTED_AUTHSERV",
    )
)  # fmt: skip
"""The settings that come out, some of them empty; what else the person wrote stays."""

_PLACEHOLDERS = {
    "WATCHER_IMAP_HOST": "imap.example.org",
    "WATCHER_IMAP_USER": "me@example.org",
    "WATCHER_IMAP_PASSWORD": "…",
    "WATCHER_MY_ADDRESS": "me@example.org",
    "WATCHER_MY_NAME": "…",
}
"""Until it is asked: settings can only be tried whole."""

_OF_SERVER = frozenset({"WATCHER_IMAP_HOST", "WATCHER_IMAP_SECURITY", "WATCHER_IMAP_CA_FILE"})

_SAME = "the same again"

Given = TypeVar("Given")


@dataclass(slots=True)
class SettingUp:
    """One conversation. `asks_server`: also where it is known; `spoken` is the language of the person's machine."""

    talk: Talk
    ground: Ground
    asks_server: bool = False
    spoken: str = "en"
    answers: dict[str, str] = field(default_factory=dict)
    tokens: Tokens | None = None
    _address: str = ""
    _found: tuple[Found, ...] = ()
    _proposed: tuple[Proposal, ...] = ()

    def run(self) -> Set:
        """All of it."""
        self._mend(self._with_placeholders)
        self._ask_address()
        way = self._ask_way()
        self._find_server()
        self._enter(way)
        self._ask_name()
        self._ask_languages()
        self._ask_verdicts()
        self._ask_authserv()
        self._mend(lambda: self.answers)
        self._foretell()
        return Set(self.answers, self.tokens)

    # ------------------------------------------------------------------------------------------- whose mail, and where

    def _ask_address(self) -> None:
        before = self.ground.now("WATCHER_MY_ADDRESS") or self.ground.now("WATCHER_IMAP_USER")
        address, self._found = self._until_it_works(
            Question("Your e-mail address", "the one that LinkedIn writes to", before), self._located
        )
        self._address = address
        provider = self._provider
        user = provider.login(address) if provider else address
        self._set("IMAP_USER", user)
        self._set("MY_ADDRESS", address if user != address else "")
        self._set("MAILBOX", "")

    def _located(self, address: str) -> tuple[str, tuple[Found, ...]]:
        if not re.fullmatch(r"[^\s@<>\",;]+@[^\s@<>\",;]+", address):
            raise Show(Problem("address", f"{address!r} is no e-mail address", "write it as name@example.org"))
        with self.talk.trying(f"looking for the mail server of {address}"):
            try:
                return address, discover(address, self.ground.dns)
            except TryAgain as failure:
                self.talk.tell(f"{failure}, so it has to be asked for.")
                return address, ()

    @property
    def _provider(self) -> MailProvider | None:
        return self._found[0].provider if self._found else None

    def _ask_way(self) -> Way:
        """Asked where the provider offers several; told where it wants something special."""
        provider = self._provider
        if provider is None:
            return Way.PASSWORD
        self.talk.tell(f"{provider.name}. {provider.hint}.")
        if len(provider.ways) == 1:
            return provider.ways[0]
        chosen = Question("How do you sign in?", default=provider.ways[0], choices=tuple(map(str, provider.ways)))
        return Way(self.talk.ask(chosen))

    def _find_server(self) -> None:
        """Known for sure, it is tried without a question."""
        best = self._found[0] if self._found else None
        if best is not None and not best.must_confirm and not self.asks_server:
            try:
                self._reached(as_typed(best.host, best.port, best.security))
            except WatcherError as error:
                self._refused(error, "check that this machine is online, or write another server")
            else:
                return
        self._ask_server(best)

    def _ask_server(self, best: Found | None, *, is_first: bool = True) -> None:
        default = self._server_now() or (as_typed(best.host, best.port, best.security) if best else "")
        self._until_it_works(Question("Your mail server (IMAP)", _why(best), default, is_first=is_first), self._reached)

    def _server_now(self) -> str:
        """As it was answered, else as the settings have it."""
        host, port, security = (
            self.answers.get(f"WATCHER_IMAP_{name}", self.ground.now(f"WATCHER_IMAP_{name}"))
            for name in ("HOST", "PORT", "SECURITY")
        )
        security = security if security in USUAL_PORT else "tls"
        return as_typed(host, int(port) if port.isdecimal() else USUAL_PORT[security], security) if host else ""

    def _reached(self, typed: str) -> None:
        host, port, security = server_line.read(typed)
        self._set("IMAP_HOST", host)
        self._set("IMAP_PORT", "" if port == USUAL_PORT[security] else str(port))
        self._set("IMAP_SECURITY", "" if security == "tls" else security)
        try:
            protection = self._knocked(host, port)
        except Show as shown:
            if all(problem.where != "WATCHER_IMAP_CA_FILE" for problem in shown.problems):
                raise
            self._refused(shown)
            protection = self._by_own_authority(host, port)
        shown_as = f"{protection.version}, certificate until {protection.ends:%F}" if protection else "plain text"
        self.talk.tell(f"{host}, port {port} answers: {shown_as}.")

    def _knocked(self, host: str, port: int) -> Protection | None:
        with self.talk.trying(f"knocking at {host}, port {port}"):
            road = self.ground.road(self._with_placeholders())
            road.addresses()
            road.reach()
            return road.protection()

    def _by_own_authority(self, host: str, port: int) -> Protection | None:
        """A server of one's own may have an authority of one's own, whose certificate lies in a file."""

        def tried(path: str) -> Protection | None:
            self._set("IMAP_CA_FILE", "" if path == "-" else path)
            return None if path == "-" else self._knocked(host, port)

        own = Question("The PEM file of your own authority", "- where there is none", "-", is_first=False)
        protection = self._until_it_works(own, tried)
        if protection is None:
            del self.answers["WATCHER_IMAP_CA_FILE"]
            remedy = "write the server's name as your provider tells it"
            raise Show(Problem("server", f"the certificate of {host} is not trusted", remedy))
        return protection

    # --------------------------------------------------------------------------------------------------------- the door

    def _enter(self, way: Way) -> None:
        if way in {Way.GOOGLE, Way.MICROSOFT}:
            self._until_it_works(self._client_question(way), self._consented)
            return
        for name in ("IMAP_AUTH", "OAUTH_PROVIDER", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"):
            self._set(name, "")
        self._ask_password(way)

    def _client_question(self, way: Way) -> Question:
        for name, value in (("IMAP_AUTH", "xoauth2"), ("OAUTH_PROVIDER", str(way))):
            self._set(name, value)
        self._take_password("")
        before = [self.ground.now(f"WATCHER_OAUTH_CLIENT_{name}") for name in ("ID", "SECRET")]
        if way is Way.GOOGLE:
            hint = "as you registered it there, a blank between the two; not shown (docs/sign-in.md)"
            both = " ".join(filter(None, before))
            return Question("Your client id and client secret", hint, both, is_secret=True)
        return Question("Your client id", "as you registered it there (docs/sign-in.md)", before[0])

    def _consented(self, typed: str) -> None:
        client, _, secret = typed.strip().partition(" ")
        self._set("OAUTH_CLIENT_ID", client)
        self._set("OAUTH_CLIENT_SECRET", secret.strip())
        login = self.ground.login(self._with_placeholders())
        self.tokens = self.talk.consent(login)
        self._looked_around()

    def _ask_password(self, way: Way) -> None:
        kind = "app password" if way is Way.APP_PASSWORD else "password"
        before, is_first = self._kept_password(), True
        while True:
            hint = f"Enter takes {_SAME if not is_first else 'the one in the settings'}" if before else "not shown"
            typed = self.talk.ask(Question(f"Your {kind}", hint, before, is_secret=True, is_first=is_first))
            self._take_password(typed)
            before, is_first = typed, False
            try:
                self._looked_around()
            except NotLetIn as refusal:
                self._refused(refusal)
                self._ask_user()
            except Show as shown:
                self._refused(shown)
                if any(problem.where in _OF_SERVER for problem in shown.problems):
                    self._ask_server(None, is_first=False)
            except TryAgain as failure:
                self._refused(failure, "try again, or break off with Ctrl-C")
            else:
                return

    def _kept_password(self) -> str:
        return self.ground.now("WATCHER_IMAP_PASSWORD")

    def _take_password(self, typed: str) -> None:
        self._set("IMAP_PASSWORD", typed)
        self._set("IMAP_PASSWORD_FILE", "")

    def _ask_user(self) -> None:
        before = self.answers["WATCHER_IMAP_USER"]
        hint = "often the whole address, at some servers the part before @"
        user = self.talk.ask(Question("The name you log in with", hint, before, is_first=False))
        self._set("IMAP_USER", user)
        self._set("MY_ADDRESS", self._address if user != self._address else "")

    def _looked_around(self) -> None:
        """Log in, find Drafts, and see whose word on mail may be trusted."""
        user = self.answers["WATCHER_IMAP_USER"]
        with self.talk.trying(f"logging in as {user}"):
            mailbox = self.ground.connect(self._with_placeholders(), self._token)
        try:
            drafts = self._drafts(mailbox)
            with self.talk.trying("reading who checks your mail"):
                self._proposed = tuple(self.ground.proposals(mailbox))
        finally:
            mailbox.close()
        self.talk.tell(f"Logged in. Drafts go to {drafts}.")

    def _drafts(self, mailbox: Mailbox) -> str:
        try:
            return mailbox.drafts()
        except Show as shown:
            self._refused(shown)
        folders = mailbox.facts().folders
        hint = "make one in your mail program, or name another of these"
        wanted = Question("The folder for drafts", hint, choices=tuple(name for name in folders if name != "INBOX"))
        chosen = self.talk.ask(_later(wanted)) if wanted.choices else ""
        if not chosen:
            raise Show(Problem("Drafts", "the mailbox has no folder but INBOX", "make one for drafts, then try again"))
        self._set("DRAFTS_FOLDER", chosen)
        return chosen

    @property
    def _token(self) -> JustGiven | None:
        return JustGiven(self.tokens.access) if self.tokens else None

    # ------------------------------------------------------------------------------------------------- how to answer

    def _ask_name(self) -> None:
        name = self.talk.ask(Question("Your name", "as drafts are signed", self.ground.now("WATCHER_MY_NAME")))
        self._set("MY_NAME", name)

    def _ask_languages(self) -> None:
        known = ", ".join(sorted(self.ground.languages))
        spoken = self.spoken if self.spoken in self.ground.languages else "en"
        question = Question(
            "The languages you answer in",
            f"with commas between, the first for all other languages; there are {known}",
            self.ground.now("WATCHER_LANGUAGES") or ("en" if spoken == "en" else f"{spoken}, en"),
        )
        self._set("LANGUAGES", self._until_it_works(question, self._languages))

    def _languages(self, typed: str) -> str:
        return _some_of(typed, self.ground.languages, "languages")

    def _ask_verdicts(self) -> None:
        every = ", ".join(VerdictKind)
        question = Question(
            "Which invitations get a draft?",
            "generic: no note or a usual one; personalised: with a reason; unsure: either",
            self.ground.now("WATCHER_DRAFT_FOR") or every,
        )
        chosen = self._until_it_works(question, lambda typed: _some_of(typed, frozenset(VerdictKind), "verdicts"))
        self._set("DRAFT_FOR", "" if set(chosen.split(", ")) == set(VerdictKind) else chosen)

    def _ask_authserv(self) -> None:
        before = self.ground.now("WATCHER_TRUSTED_AUTHSERV")
        if not self._proposed and not before:
            self.talk.tell(
                "Your newest mail does not say which server checked it: signatures are checked here instead."
            )
            return
        best = self._proposed[0] if self._proposed else None
        hint = (
            f"{best.mails} of your newest mails, of {best.senders} senders, say that {best.authserv_id} checked them: "
            "take it if that is your provider, else write no"
            if best
            else "as the settings have it; no takes it out"
        )
        default = before or (best.authserv_id if best else "")
        question = Question('Whose word on "LinkedIn sent this" is trusted?', hint, default)
        self._set("TRUSTED_AUTHSERV", self._until_it_works(question, _authserv))

    # ---------------------------------------------------------------------------------------------------------- the end

    def _mend(self, answers: Callable[[], Mapping[str, str]]) -> None:
        """What else stands in the settings may be wrong: the person mends it meanwhile."""
        while True:
            try:
                self.ground.check(answers())
            except Show as shown:
                self._refused(shown)
                self.talk.ask(Question("Mend this, then press Enter", default="go on", is_first=False))
            else:
                return

    def _foretell(self) -> None:
        """A dry pass, as often as the person wants to see one."""
        while True:
            try:
                with self.talk.trying("looking over your mailbox, without a trace"):
                    report = self.ground.dry_pass(self.answers, self._token)
            except (Show, TryAgain) as error:
                self._refused(error, "the settings can be written all the same")
                if not self.talk.agrees("Look over the mailbox once more?"):
                    return
            else:
                self.talk.show(report)
                return

    # ------------------------------------------------------------------------------------------------------------ words

    def _until_it_works(self, question: Question, works: Callable[[str], Given]) -> Given:
        while True:
            typed = self.talk.ask(question)
            try:
                return works(typed)
            except (Show, TryAgain) as error:
                self._refused(error, "try again, or write another")
                question = _later(question, typed)

    def _refused(self, error: WatcherError, remedy: str = "try again") -> None:
        problems = error.problems if isinstance(error, Show) else (Problem("", str(error), remedy),)
        for problem in problems:
            self.talk.refuse(problem)

    def _set(self, name: str, value: str) -> None:
        self.answers[f"WATCHER_{name}"] = value

    def _with_placeholders(self) -> Mapping[str, str]:
        """What is not asked yet, as it is now, or as something that will do until then."""
        return {**dict.fromkeys(ASKED, ""), **_PLACEHOLDERS, **self.answers}


def _later(question: Question, typed: str = "") -> Question:
    """The same once more: Enter takes what was typed."""
    return Question(
        question.words, question.hint, typed or question.default, question.choices, question.is_secret, False
    )


def _why(best: Found | None) -> str:
    if best is None:
        return "as your provider tells it; host, or host:port and tls or starttls"
    by = "the records of your domain name" if best.source is Source.SRV else "your domain's mail goes to"
    return f"{by} {best.host}: your password goes there, so take it only if that is your provider"


def _some_of(typed: str, known: frozenset[str], what: str) -> str:
    chosen = list(dict.fromkeys(piece.strip().lower() for piece in typed.split(",") if piece.strip()))
    wrong = [piece for piece in chosen if piece not in known]
    if wrong or not chosen:
        what_is_wrong = f"{', '.join(wrong) or 'nothing'} is none of the {what}"
        raise Show(Problem(what, what_is_wrong, f"choose among {', '.join(sorted(known))}"))
    return ", ".join(chosen)


def _authserv(typed: str) -> str:
    if typed.lower() in {"no", "n", "none"}:
        return ""
    if not re.fullmatch(r"[^\s;]+", typed):
        raise Show(Problem("server", f"{typed!r} is no name of a server", "write one word, or no"))
    return typed
