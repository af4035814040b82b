"""`python -m training.make`: learns from tests/notes, writes judge.npz and e5_offsets.npz in watcher/domain/data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import calibration, kept, linear, meanings, network
from training.notes import Note, all_notes, clear, to_learn_from
from training.offsets import AS_IT_IS, Tuned
from watcher.domain.judging.scoring import scores
from watcher.domain.judging.values import Decision, Head, Linear, Numbers
from watcher.domain.judging.weights import of_arrays

DATA = Path(__file__).parents[1] / "watcher" / "domain" / "data"
TARGET = DATA / "judge.npz"
OFFSETS = DATA / "e5_offsets.npz"

Arrays = dict[str, NDArray[np.generic]]


def main() -> None:
    """Learn, and write it. From the tuning part only the rules are learned, and once these are set, the quick views."""
    notes = all_notes()
    training = to_learn_from(notes, "training")
    tuned = tune(training)
    slow = slow_views(training) | head_of(tuned.head)
    rules = _rules(clear(notes, "tuning"), slow | quick_views(training), tuned)
    arrays = slow | quick_views(to_learn_from(notes, "training", "tuning")) | rules
    arrays |= {"languages": np.array(" ".join(sorted({note.lang for note in notes})))}
    np.savez_compressed(TARGET, **arrays)  # type: ignore[arg-type]
    np.savez_compressed(OFFSETS, **tuned.by_tensor())  # type: ignore[arg-type]
    for path in (TARGET, OFFSETS):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, from {len(notes)} notes")


def tune(notes: list[Note]) -> Tuned:
    """What the large model learns from these notes, but for those of `more`: with them it would take hours."""
    few = [note for note in notes if not note.is_more]
    return kept.tuned([note.note for note in few], _reasons(few))


def quick_views(notes: list[Note]) -> Arrays:
    """What runs of letters and signs teach."""
    reasons = _reasons(notes)
    return {
        **_of_linear(linear.fit([note.note for note in notes], reasons)),
        "signs": linear.fit_signs(notes, reasons),
    }


def slow_views(notes: list[Note]) -> Arrays:
    """What the networks learn, from labels and from what the large model, as it is, says that each note means."""
    texts, reasons = [note.note for note in notes], _reasons(notes)
    told = kept.meanings(texts, AS_IT_IS)
    pieces, rows = network.pieces_for(texts)
    standard = (told - told.mean(axis=0)) / told.std(axis=0)
    examples = network.Examples([pieces.cut(text) for text in texts], reasons, standard)
    return {
        **kept.networks(examples, rows),
        "pieces": np.array("\n".join(pieces.known)),
        "odds": np.array([odds for _, odds in pieces.known.values()], np.float16),
    }


def _rules(notes: list[Note], arrays: Arrays, tuned: Tuned) -> Arrays:
    """How the views are weighed and where a verdict begins, for both ways; from the tuning part."""
    unruled = _of_rule("default", _NO_RULE) | _of_rule("semantic", _NO_RULE) | {"languages": np.array("")}
    learned = of_arrays({**arrays, **unruled})
    tell = meanings.Told(tuned.by_tensor())
    found = np.array([scores(note.note, note.lang, learned, tell) for note in notes], np.float32)
    tell.keep()
    default, semantic = (calibration.decision(part, _reasons(notes) > 0) for part in (found[:, :3], found))
    return _of_rule("default", default) | _of_rule("semantic", semantic)


_NO_RULE = Decision(np.zeros(1, np.float32), 0.5, 0.5, 2.0)


def _reasons(notes: list[Note]) -> Numbers:
    return np.array([note.gives_reason for note in notes], np.float32)


def _of_linear(view: Linear) -> Arrays:
    scales = np.array([view.scale, view.rarity_scale, view.bias])
    return {"linear": view.weights, "rarity": view.rarity, "linear_scales": scales}


def head_of(view: Head) -> Arrays:
    """The head's arrays, by the names that `watcher.domain.judging.weights` reads."""
    return {
        "head_middle": view.middle,
        "head_spread": view.spread,
        "head_hidden": view.hidden.astype(np.float16),
        "head_hidden_bias": view.hidden_bias,
        "head_leave": view.leave,
        "head_bias": np.float32(view.bias),
    }


def _of_rule(way: str, rule: Decision) -> Arrays:
    bounds = np.array([rule.generic_below, rule.reason_above, rule.apart])
    return {f"{way}_mix": rule.mix, f"{way}_bounds": bounds}


if __name__ == "__main__":
    main()
