"""What docs/watching.md lists is all there is."""

import re

from builders import NOW
from documents import ROOT, table
from prometheus_client.parser import text_string_to_metric_families
from service.world import Clock, refused
from starlette.applications import Starlette
from starlette.testclient import TestClient
from watching.attended import MANNER, a_report, an_outcome

from watcher.watching.alarms import Kind
from watcher.watching.happenings import GaveUp, PassEnded
from watcher.watching.standing import Standings
from watcher.web.measures import Measures

TEXT = (ROOT / "docs" / "watching.md").read_text("utf-8")


def test_every_alarm_is_told_of() -> None:
    assert {row[0].strip("`") for row in table(TEXT, "alarm")} == set(map(str, Kind))


def test_every_measure_is_told_of_with_its_labels() -> None:
    standings = Standings(lambda: {"anna": MANNER})
    measures = Measures(standings, Clock())
    for happening in (GaveUp("anna", NOW, refused()), PassEnded("anna", NOW, a_report(an_outcome()), NOW)):
        standings.hear(happening)
        measures.hear(happening)
    text = TestClient(Starlette(routes=list(measures.routes))).get("/metrics").text
    served = {
        (re.sub("_(bucket|count|sum)$", "", sample.name), *sorted({*sample.labels} - {"le"}))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    told = {(name.strip("`"), *sorted(re.findall(r"\w+", labels))) for name, labels, _ in table(TEXT, "measure")}
    assert served == told
