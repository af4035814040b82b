"""What a person's own templates cost beside the shipped ones, which are the same files here, in one run.

A message takes two renders: its answer, and the block that says where to paste it. Three ways take turns: plain Jinja
in this process, compiled each time; the shipped templates; the same files as a person's own, in the child. Prints
milliseconds a message, the ratios, what choosing among variants and starting the child take; ends with 1 where the
child costs over the bar.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from watcher.adapters.templates import FileTemplates, shipped_folder
from watcher.domain import reply
from watcher.domain.values import Invitation
from watcher.person.trial import sample_readings
from watcher.samples import RECIPIENT, sample_mails
from watcher.steps.writing import Hand, Writing

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROUNDS = 40
STARTS = 10
BAR = 1.0
ANSWERS = ("generic", "personalised", "unsure")
JINJA = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)

Way = Callable[[str, Mapping[str, object]], object]


def messages() -> list[Mapping[str, object]]:
    found = sample_readings([mail.content for mail in sample_mails()])
    return [
        reply.template_values(one, one.found, RECIPIENT, "en") for one in found if isinstance(one.found, Invitation)
    ]


def plain(name: str, values: Mapping[str, object]) -> None:
    for each in (name, reply.PASTE):
        JINJA.from_string((shipped_folder() / "en" / f"{each}.txt.j2").read_text("utf-8")).render(values)


def shelf(templates: FileTemplates) -> Way:
    def way(name: str, values: Mapping[str, object]) -> None:
        for each in (name, reply.PASTE):
            templates.render("en", each, values)

    return way


def choice(templates: FileTemplates) -> Way:
    """Reads the variants of a template anew, as each draft does, and decides by the rules."""
    samples = sample_readings([mail.content for mail in sample_mails()])
    writing = Writing(templates, Hand(RECIPIENT))

    def way(name: str, _: Mapping[str, object]) -> None:
        writing.chosen(samples[0], name, "en", NOW)

    return way


def cost(way: Way, told: list[Mapping[str, object]]) -> float:
    """Milliseconds a message, by the clock: the child's work counts too."""
    gc.collect()
    began = time.perf_counter()
    for number, values in enumerate(told):
        way(ANSWERS[number % len(ANSWERS)], values)
    return (time.perf_counter() - began) / len(told) * 1000


def start(folder: Path, values: Mapping[str, object]) -> float:
    """Milliseconds until the first render of a fresh child, which compiles too."""
    templates = FileTemplates(folder)
    began = time.perf_counter()
    templates.render("en", "generic", values)
    took = (time.perf_counter() - began) * 1000
    templates.close()
    return took


def shown(name: str, figures: list[float]) -> None:
    print(f"  {name:42} {min(figures):7.3f} / {statistics.median(figures):7.3f} / {max(figures):7.3f}")


def main() -> int:
    told = messages()
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own"
        shutil.copytree(shipped_folder(), own)
        templates = FileTemplates(own)
        ways = {
            "plain Jinja, compiled each time": plain,
            "shipped, in this process": shelf(FileTemplates()),
            "the same as one's own, in the child": shelf(templates),
        }
        rounds = [{name: cost(way, told) for name, way in ways.items()} for _ in range(ROUNDS + 1)][1:]
        choices = [cost(choice(templates), told) for _ in range(ROUNDS)]
        starts = [start(own, told[0]) for _ in range(STARTS)]
        templates.close()
    print(f"{len(told)} messages of two renders, {ROUNDS} rounds; milliseconds a message, min / median / max")
    for name in ways:
        shown(name, [each[name] for each in rounds])
    shown("choosing the variant", choices)
    shown("start of the child with its first render", starts)
    before, shipped, child = ([each[name] for each in rounds] for name in ways)
    more = statistics.median(one - other for one, other in zip(child, before, strict=True))
    ratio = statistics.median(one / other for one, other in zip(child, shipped, strict=True))
    print(f"  the child costs {more:+.3f} ms a message beside plain Jinja (bar {BAR:+.1f}), {ratio:.2f} × shipped")
    return 0 if more <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
