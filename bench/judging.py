"""Ways to judge own words, side by side on the test part of tests/notes. `python bench/judging.py [--transfer]`

Needs the extras `train` and `semantic`. Takes about ten minutes where the meanings of the notes are not kept yet;
`--transfer` takes half an hour, as the large model learns anew.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).parents[1]))

from training import kept, meanings
from training.make import OFFSETS, head_of, quick_views, slow_views, tune
from training.notes import Note, all_notes, clear, to_learn_from
from training.offsets import AS_IT_IS
from watcher.domain.judging import decision, scoring
from watcher.domain.judging.weights import of_arrays, weights
from watcher.domain.kinds import VerdictKind

Scores = NDArray[np.float64]
LEFT_OUT = ("fi", "tr", "vi")
SIGNS_SIZE = Path(scoring.__file__).parents[1].joinpath("data", "judge_signs.toml").stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transfer", action="store_true", help="learn without some languages, and try those alone")
    notes = all_notes()
    if parser.parse_args().transfer:
        transfer(notes)
        return
    test = clear(notes, "test")
    found = {name: (way(test), size) for name, (way, size) in ways(to_learn_from(notes, "training")).items()}
    print_ways(test, found)
    print_shipped(test)
    print_reliability(test)
    print_errors(test)
    meaning.keep()


# ------------------------------------------------------------------------------------------------------------- the ways


def ways(training: Sequence[Note]) -> dict[str, tuple[Callable[[Sequence[Note]], Scores], int]]:
    """Each way to score notes (positive: a reason), and the bytes of what it has learned."""
    learned = weights()
    linear_size, network_size, head_size = sizes()
    return {
        "signs": (scored(lambda note: scoring.by_signs(note.note, note.lang, learned.signs)), SIGNS_SIZE),
        "words, linear": (words(training), 1 << 18),
        "runs of letters, linear": (scored(lambda note: scoring.by_runs(note.note, learned.linear)), linear_size),
        "networks": (scored(lambda note: scoring.by_networks(note.note, learned.networks)), network_size),
        "runs + signs + networks (`default`)": (mixed(learned.default.mix, 3), linear_size + SIGNS_SIZE + network_size),
        "meaning, e5 as it is": (untouched(training), 4 * 385),
        "meaning, e5 tuned, its head alone": (scored(lambda note: learned.head.score(meaning(note.note))), head_size),
        "runs + meaning": (by_sum, linear_size + head_size),
        "all four (`semantic`)": (mixed(learned.semantic.mix, 4), sum(sizes()) + SIGNS_SIZE),
    }


def scored(score: Callable[[Note], float]) -> Callable[[Sequence[Note]], Scores]:
    return lambda notes: np.array([score(note) for note in notes])


def mixed(mix: NDArray[np.float32], views: int) -> Callable[[Sequence[Note]], Scores]:
    tell = meaning if views == 4 else None
    return scored(lambda note: float(mix[0] + np.dot(mix[1:], scoring.scores(note.note, note.lang, weights(), tell))))


def by_sum(notes: Sequence[Note]) -> Scores:
    learned = weights()
    return np.array(
        [learned.head.score(meaning(one.note)) * 1.5 + scoring.by_runs(one.note, learned.linear) for one in notes]
    )


def words(training: Sequence[Note]) -> Callable[[Sequence[Note]], Scores]:
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - slow to load, and this way alone needs it

    bags = HashingVectorizer(n_features=1 << 18, ngram_range=(1, 2), alternate_sign=False)
    model = LogisticRegression(C=16, solver="liblinear").fit(
        bags.transform([one.note for one in training]), [one.gives_reason for one in training]
    )
    return lambda notes: model.decision_function(bags.transform([note.note for note in notes]))


def untouched(training: Sequence[Note]) -> Callable[[Sequence[Note]], Scores]:
    """The model as the package brings it, and a linear head."""
    texts = [note.note for note in training]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=1000))
    model.fit(kept.meanings(texts, AS_IT_IS), [note.gives_reason for note in training])
    return lambda notes: model.decision_function(kept.meanings([note.note for note in notes], AS_IT_IS))


with np.load(OFFSETS) as shipped:
    meaning = meanings.Told(dict(shipped))
"""From what is kept, so that only the last column of the table pays for it."""


def sizes() -> tuple[int, int, int]:
    """Compressed bytes of the linear view, the network, and the head with the offsets."""
    path = Path(scoring.__file__).parents[1] / "data" / "judge.npz"
    with np.load(path) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    parts: dict[str, dict[str, NDArray[np.generic]]] = {"linear": {}, "network": {}, "head": {}}
    for name, array in held.items():
        kind = "linear" if name in {"linear", "rarity", "linear_scales"} else "network"
        parts["head" if name.startswith("head") else kind][name] = array
    linear, network, head = (_packed(part) for part in parts.values())
    return linear, network, head + OFFSETS.stat().st_size


def _packed(part: dict[str, NDArray[np.generic]]) -> int:
    file = io.BytesIO()
    np.savez_compressed(file, **part)  # type: ignore[arg-type]
    return len(file.getvalue())


# ----------------------------------------------------------------------------------------------------------- the tables


def print_ways(test: Sequence[Note], found: dict[str, tuple[Scores, int]]) -> None:
    truth = np.array([note.gives_reason for note in test])
    hard = np.array([note.pair is not None for note in test])
    print(f"## Ways, on {len(test)} test notes (cut at 0, nobody unsure)\n")
    print("| way | right | of pairs | worst language | KB | ms a note | MB |\n|---|---|---|---|---|---|---|")
    for name, (scores, size) in found.items():
        right = (scores > 0) == truth
        worst = min((right[_of(test, lang)].mean(), lang) for lang in _languages(test) if _of(test, lang).sum() >= 60)
        cost, memory = costs(name, test)
        print(
            f"| {name} | {interval(right)} | {right[hard].mean():.1%} | {worst[1]} {worst[0]:.0%} | {size / 1000:.0f} "
            f"| {cost} | {memory} |"
        )
    print("\n### By language\n")
    print("| language | notes | " + " | ".join(found) + " |\n|---|---|" + "---|" * len(found))
    for lang in _languages(test):
        here = _of(test, lang)
        rights = (((scores > 0) == truth)[here].mean() for scores, _ in found.values())
        print(f"| {lang} | {here.sum()} | " + " | ".join(f"{right:.0%}" for right in rights) + " |")


def costs(name: str, test: Sequence[Note]) -> tuple[str, str]:
    """Milliseconds of the processor a note and peak memory in MB of the shipped ways, each in a process of its own."""
    way = next((way for way in ("default", "semantic") if f"`{way}`" in name), None)
    if way is None:
        return "", ""
    lines = "\n".join(json.dumps({"note": note.note, "lang": note.lang}) for note in test[::5])
    done = subprocess.run([sys.executable, "-c", COSTS, way], input=lines, capture_output=True, text=True, check=True)
    milliseconds, memory = done.stdout.split()
    return milliseconds, memory


COSTS = """
import json, re, sys, time
from watcher.domain.judging.decision import judge_words
way, tell = sys.argv[1], None
if way == "semantic":
    from watcher.adapters.semantic import E5Meaning
    tell = E5Meaning()
notes = [json.loads(line) for line in sys.stdin]
judge_words(notes[0]["note"], notes[0]["lang"], tell)
start = time.process_time()
for note in notes:
    judge_words(note["note"], note["lang"], tell)
spent = (time.process_time() - start) / len(notes) * 1000
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(f"{spent:.1f} {peak // 1000}")
"""
"""Runs without the libraries that only learning needs."""


def print_shipped(test: Sequence[Note]) -> None:
    """Verdicts as users see them, for both ways."""
    for way, tell in (("default", None), ("semantic", meaning)):
        told = [(note, decision.judge_words(note.note, note.lang, tell)) for note in test]
        print(f"\n## Verdicts of `{way}`\n")
        print("| language | notes | right, of those judged | unsure | right of all | reasons called generic |")
        print("|---|---|---|---|---|---|")
        groups: dict[str, list[tuple[Note, VerdictKind]]] = defaultdict(list)
        for note, verdict in told:
            lang = note.lang if sum(one.lang == note.lang for one in test) >= 60 else "the others"
            for group in (lang, "all", "of pairs" if note.pair else "alone"):
                groups[group].append((note, verdict.kind))
        for group in sorted(groups, key=lambda name: (name in {"all", "of pairs", "alone"}, name)):
            _print_group(group, groups[group])


def _print_group(name: str, told: list[tuple[Note, VerdictKind]]) -> None:
    sure = [(note, kind) for note, kind in told if kind is not VerdictKind.UNSURE]
    right = [str(kind) == note.label for note, kind in sure]
    reasons = [kind is VerdictKind.GENERIC for note, kind in told if note.gives_reason]
    print(
        f"| {name} | {len(told)} | {interval(right)} | {1 - len(sure) / len(told):.1%} | {sum(right) / len(told):.1%} "
        f"| {np.mean(reasons):.1%} |"
    )


def print_reliability(test: Sequence[Note]) -> None:
    for way, tell in (("default", None), ("semantic", meaning)):
        bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for note in test:
            verdict = decision.judge_words(note.note, note.lang, tell)
            if verdict.kind is not VerdictKind.UNSURE:
                told = (verdict.confidence, str(verdict.kind) == note.label)
                bins[min(9, int(verdict.confidence * 10))].append(told)
        print(f"\n## Confidence against truth, `{way}`\n\n| confidence | notes | mean | right |\n|---|---|---|---|")
        for tenth, told in sorted(bins.items()):
            mean, right = (float(np.mean(part)) for part in zip(*told, strict=True))
            print(f"| {tenth / 10:.1f}–{tenth / 10 + 0.1:.1f} | {len(told)} | {mean:.2f} | {right:.2f} |")


def print_errors(test: Sequence[Note]) -> None:
    told = [(decision.judge_words(note.note, note.lang), note) for note in test]
    wrong = [(verdict, note) for verdict, note in told if str(verdict.kind) not in {note.label, "unsure"}]
    print("\n## The twenty worst errors of `default`\n")
    for verdict, note in sorted(wrong, key=lambda one: -one[0].confidence)[:20]:
        flat = note.note.replace("\n", " / ")
        print(f"- {note.id} ({note.shape}), called {verdict.kind} at {verdict.confidence}: {flat}")


def interval(right: Sequence[bool] | NDArray[np.bool_]) -> str:
    """A share and its 95 % interval (Wilson)."""
    count, share, z = len(right), float(np.mean(right)), 1.96
    middle = (share + z * z / 2 / count) / (1 + z * z / count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / 4 / count**2) / (1 + z * z / count)
    return f"{share:.1%} ({middle - half:.1%}–{middle + half:.1%})"


def _languages(notes: Sequence[Note]) -> list[str]:
    return sorted({note.lang for note in notes})


def _of(notes: Sequence[Note], lang: str) -> NDArray[np.bool_]:
    return np.array([note.lang == lang for note in notes])


# ----------------------------------------------------------------------------------------------------------- transfer


def transfer(notes: list[Note]) -> None:
    """How well languages are judged that were never learned: all views learn again without them."""
    training = [note for note in to_learn_from(notes, "training") if note.lang not in LEFT_OUT]
    tuned = tune(training)
    arrays, told = quick_views(training) | slow_views(training) | head_of(tuned.head), meanings.Told(tuned.by_tensor())
    held = weights()
    anew = of_arrays({**_rules_of(held), **arrays, "languages": np.array("")})
    print("| language, never learned | notes | default: right | semantic: right | learned: default, semantic |")
    print("|---|---|---|---|---|")
    for lang in LEFT_OUT:
        test = [note for note in clear(notes, "test") if note.lang == lang]
        rows = [_right(test, *way) for way in ((anew, None), (anew, told), (held, None), (held, meaning))]
        print(f"| {lang} | {len(test)} | {rows[0]:.0%} | {rows[1]:.0%} | {rows[2]:.0%}, {rows[3]:.0%} |")


def _rules_of(held: object) -> dict[str, NDArray[np.generic]]:
    rules = {"default": held.default, "semantic": held.semantic}  # type: ignore[attr-defined]
    bounds = {f"{way}_bounds": np.array([one.generic_below, one.reason_above, one.apart]) for way, one in rules.items()}
    return bounds | {f"{way}_mix": one.mix for way, one in rules.items()}


def _right(test: Sequence[Note], learned: object, tell: Callable[[str], NDArray[np.float32]] | None) -> float:
    rule = learned.semantic if tell else learned.default  # type: ignore[attr-defined]
    chances = [scoring.probability(scoring.scores(one.note, one.lang, learned, tell), rule) for one in test]  # type: ignore[arg-type]
    return float(np.mean([(chance > 0.5) == one.gives_reason for chance, one in zip(chances, test, strict=True)]))


if __name__ == "__main__":
    main()
