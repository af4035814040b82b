"""What can be told of a template without rendering it: its syntax, and every variable it names, in any branch.

Only parsed, never compiled or run: compiling computes what is constant, and a hostile template may make that endless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import nodes

from watcher.adapters.rendering.sandbox import Fault, Kind, environment, fault_of

_BUILT_IN = frozenset({"range", "loop", "caller", "varargs", "kwargs", "self"})


@dataclass(frozen=True, slots=True)
class _Named:
    line: int
    name: str
    attribute: str = ""


def mistakes(source: str, values: Mapping[str, object]) -> tuple[Fault, ...]:
    """The mistake that stops Jinja from reading it, else each name that `values` lack; in the order of their lines."""
    try:
        tree = environment().parse(source)
        unknown = [one for one in _named(tree) if not _is_known(one, values)]
    except Exception as error:  # noqa: BLE001 - deep nesting, a number of 5,000 figures: whatever parsing may raise
        return (fault_of(error),)
    return tuple(Fault(Kind.MISTAKE, _said(one), one.line) for one in sorted(unknown, key=lambda one: one.line))


def _named(tree: nodes.Template) -> Iterator[_Named]:
    names = list(tree.find_all(nodes.Name))
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    made = {name.name for name in names if name.ctx != "load"} | macros | _BUILT_IN
    asked = {id(test.node) for test in tree.find_all(nodes.Test) if test.name in {"defined", "undefined"}}
    yield from (_Named(one.lineno, one.name) for one in names if one.name not in made and id(one) not in asked)
    for got in tree.find_all(nodes.Getattr):
        if isinstance(got.node, nodes.Name) and got.node.name not in made and id(got) not in asked:
            yield _Named(got.lineno, got.node.name, got.attr)


def _is_known(named: _Named, values: Mapping[str, object]) -> bool:
    if named.name not in values:
        return False
    owner = values[named.name]
    return not named.attribute or not isinstance(owner, Mapping) or named.attribute in owner or _is_method(named)


def _is_method(named: _Named) -> bool:
    """`inviter.items()` is not of a mail, but there."""
    return hasattr(dict, named.attribute)


def _said(named: _Named) -> str:
    """In Jinja's words, as rendering says it."""
    if named.attribute:
        return f"'dict object' has no attribute '{named.attribute}'"
    return f"'{named.name}' is undefined"
