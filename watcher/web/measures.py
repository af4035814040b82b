"""What machines ask of a service that runs: `/healthz` for a watchdog, `/metrics` for Prometheus.

Numbers, and the names that the person gave to mailboxes: no address, nothing of any mail. So both need no token.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watcher.ports import Clock
from watcher.watching.happenings import GaveUp, Happening, PassEnded, PassFailed
from watcher.watching.standing import Manner, Standing, Standings

HEALTH = "/healthz"
METRICS = "/metrics"

SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""The buckets of how long a pass took."""

# They would be a second line for each counter, which says when the program began.
disable_created_metrics()  # type: ignore[no-untyped-call] # all but this has types

_NEVER_KEPT = {"Cache-Control": "no-store"}


def public_names(names: Iterable[str]) -> Mapping[str, str]:
    """What a mailbox is called here: an address is no name, and becomes a number among those that have none."""
    nameless = [name for name in sorted(names) if "@" in name]
    numbered = {name: f"mailbox-{number}" for number, name in enumerate(nameless, start=1)}
    if len(nameless) == 1:
        numbered = dict.fromkeys(nameless, "mailbox")
    return {name: numbered.get(name, name) for name in names}


class Measures:
    """Implements `happenings.Listener`. `routes` are mounted beside the page."""

    def __init__(self, standings: Standings, clock: Clock) -> None:
        self._standings = standings
        self._clock = clock
        self._registry = CollectorRegistry()
        passes = "Passes over a mailbox, by how they ended: completed, stopped, failed, given_up."
        self._passes = Counter("watcher_passes", passes, ["account", "outcome"], registry=self._registry)
        invitations = "Invitations that passes found, by the state that they came to."
        self._invitations = Counter("watcher_invitations", invitations, ["account", "state"], registry=self._registry)
        trips = "Waits for the mail server's answer."
        self._trips = Counter("watcher_imap_round_trips", trips, ["account"], registry=self._registry)
        octets = "Octets to and from the mail server."
        self._bytes = Counter("watcher_imap_bytes", octets, ["account", "direction"], registry=self._registry)
        seconds = "How long passes took that ended, of all mailboxes."
        self._seconds = Histogram("watcher_pass_seconds", seconds, buckets=SECONDS, registry=self._registry)
        self._registry.register(_Gauges(standings, clock))

    @property
    def routes(self) -> Sequence[Route]:
        """Plain answers, which need no token."""
        return (Route(HEALTH, self.health, methods=["GET"]), Route(METRICS, self.metrics, methods=["GET"]))

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        match happening:
            case PassEnded():
                self._ended(happening)
            case PassFailed(account):
                self._passes.labels(self._name(account), "failed").inc()
            case GaveUp(account):
                self._passes.labels(self._name(account), "given_up").inc()

    def _ended(self, ended: PassEnded) -> None:
        name, report = self._name(ended.account), ended.report
        summary, traffic = report.summary, report.traffic
        self._passes.labels(name, "completed" if summary.completed else "stopped").inc()
        for outcome in report.outcomes:
            self._invitations.labels(name, str(outcome.state)).inc()
        self._trips.labels(name).inc(traffic.round_trips)
        self._bytes.labels(name, "in").inc(traffic.bytes_in)
        self._bytes.labels(name, "out").inc(traffic.bytes_out)
        self._seconds.observe(max((summary.ended - summary.started).total_seconds(), 0))

    def _name(self, account: str) -> str:
        return public_names(self._standings.names()).get(account, "mailbox")

    def health(self, _request: Request) -> Response:
        """200 where each mailbox has a completed pass that is recent enough by its own schedule, else 503."""
        now = self._clock.now()
        found = _named(self._standings)
        boxes = {name: _health(standing, manner, now) for name, (standing, manner) in found.items()}
        is_well = all(standing.is_well(manner, now) for standing, manner in found.values())
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"healthy": is_well, "mailboxes": boxes}, status, _NEVER_KEPT)

    def metrics(self, _request: Request) -> Response:
        """Prometheus' text format, version 0.0.4."""
        headers = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, **_NEVER_KEPT}
        return Response(generate_latest(self._registry), headers=headers)


def _named(standings: Standings) -> Mapping[str, tuple[Standing, Manner]]:
    found = standings.now()
    names = public_names(found)
    return {names[name]: one for name, one in found.items()}


def _health(standing: Standing, manner: Manner, now: datetime) -> Mapping[str, object]:
    age = round((now - standing.completed).total_seconds()) if standing.completed else None
    return {
        "healthy": standing.is_well(manner, now),
        "seconds_since_completed_pass": age,
        "failing": standing.failing is not None,
        "given_up": standing.given_up is not None,
        "resting": str(standing.resting) if standing.resting else None,
    }


class _Gauges:
    """What holds at the moment at which it is asked."""

    def __init__(self, standings: Standings, clock: Clock) -> None:
        self._standings = standings
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client has collectors."""
        now = self._clock.now()
        found = _named(self._standings)
        for name, words, value in _GAUGES:
            family = GaugeMetricFamily(f"watcher_{name}", words, labels=["account"])
            for account, (standing, manner) in found.items():
                number = value(standing, manner, now)
                if number is not None:
                    family.add_metric([account], number)
            yield family


_GAUGES = (
    (
        "last_completed_pass_timestamp_seconds",
        "When a pass was last completed; missing until one is.",
        lambda standing, _manner, _now: standing.completed.timestamp() if standing.completed else None,
    ),
    (
        "next_pass_timestamp_seconds",
        "When the next pass is due at the latest; missing where none is.",
        lambda standing, _manner, _now: standing.due.timestamp() if standing.due else None,
    ),
    (
        "failing_passes",
        "How many passes in a row failed.",
        lambda standing, _manner, _now: standing.failing.times if standing.failing else 0,
    ),
    (
        "overdue",
        "1 where no pass was completed for WATCHER_ALARM_AFTER passes.",
        lambda standing, manner, now: int(standing.is_overdue(manner, now)),
    ),
    (
        "given_up",
        "1 where the person has to change a setting first.",
        lambda standing, _manner, _now: int(standing.given_up is not None),
    ),
    (
        "resting",
        "1 where no pass is made for now: quiet hours, or a pause.",
        lambda standing, _manner, _now: int(standing.resting is not None),
    ),
    (
        "listening",
        "1 where the mail server tells of new mail as it comes (IDLE).",
        lambda standing, _manner, _now: int(standing.is_listening),
    ),
)  # fmt: skip
