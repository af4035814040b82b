"""The text of a weekly summary, by the template that is shipped beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATE = "summary.txt.j2"


def render(values: Mapping[str, object]) -> str:
    """The text; `values` are those of `summaries.told`."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["day"] = _day
    source = files("watcher.adapters").joinpath(TEMPLATE).read_text("utf-8")
    return environment.from_string(source).render(values)


def _day(day: object) -> str:
    return f"{day:%d %B}".lstrip("0")
