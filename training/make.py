"""`python -m training.make`: learns from tests/notes and writes watcher/domain/data/judge.npz."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import calibration, head, linear, meanings, network
from training.notes import Note, all_notes, clear, to_learn_from
from watcher.domain.judging.scoring import scores
from watcher.domain.judging.values import Decision, Head, Linear, Numbers
from watcher.domain.judging.weights import of_arrays

TARGET = Path(__file__).parents[1] / "watcher" / "domain" / "data" / "judge.npz"

Arrays = dict[str, NDArray[np.generic]]


def main() -> None:
    """Learn, and write it. The views learn twice: without the tuning part, to set the rules, and then with it."""
    notes = all_notes()
    rules = _rules(clear(notes, "tuning"), _views(to_learn_from(notes, "training")))
    arrays = _views(to_learn_from(notes, "training", "tuning")) | rules
    arrays |= {"languages": np.array(" ".join(sorted({note.lang for note in notes})))}
    np.savez_compressed(TARGET, **arrays)  # type: ignore[arg-type]
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e6:.2f} MB, from {len(notes)} notes")


def _views(notes: list[Note]) -> Arrays:
    """What each view learns from these notes."""
    texts, reasons = [note.note for note in notes], _reasons(notes)
    told = meanings.told(texts)
    pieces, rows = network.pieces_for(texts)
    standard = (told - told.mean(axis=0)) / told.std(axis=0)
    examples = network.Examples([pieces.cut(text) for text in texts], reasons, standard)
    return {
        **_of_linear(linear.fit(texts, reasons)),
        "signs": linear.fit_signs(notes, reasons),
        **_of_head(head.fit(told, reasons)),
        **network.fit(examples, rows),
        "pieces": np.array("\n".join(pieces.known)),
        "odds": np.array([odds for _, odds in pieces.known.values()], np.float16),
    }


def _rules(notes: list[Note], arrays: Arrays) -> Arrays:
    """How the views are weighed and where a verdict begins, for both ways; from the tuning part."""
    unruled = _of_rule("default", _NO_RULE) | _of_rule("semantic", _NO_RULE) | {"languages": np.array("")}
    learned = of_arrays({**arrays, **unruled})
    told = dict(zip((note.note for note in notes), meanings.told([note.note for note in notes]), strict=True))
    found = np.array([scores(note.note, note.lang, learned, told.__getitem__) for note in notes], np.float32)
    default, semantic = (calibration.decision(part, _reasons(notes) > 0) for part in (found[:, :3], found))
    return _of_rule("default", default) | _of_rule("semantic", semantic)


_NO_RULE = Decision(np.zeros(1, np.float32), 0.5, 0.5, 2.0)


def _reasons(notes: list[Note]) -> Numbers:
    return np.array([note.gives_reason for note in notes], np.float32)


def _of_linear(view: Linear) -> Arrays:
    scales = np.array([view.scale, view.rarity_scale, view.bias])
    return {"linear": view.weights, "rarity": view.rarity, "linear_scales": scales}


def _of_head(view: Head) -> Arrays:
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
