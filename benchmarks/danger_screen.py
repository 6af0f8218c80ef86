"""What the danger screen hears: patterns alone, the eye alone, both; what they miss, and what they take.

    .venv-rasa/bin/python -m benchmarks.understanding --danger var/heard.json
    python -m benchmarks.danger_screen [--held] [--model var/heard.json]

With what the dialogue model makes of the same messages, there is a row for all three together: what a parent gets. Prints a table for each set of messages, then every miss and false alarm of both together, and the time on one core. Messages
that are held out or unseen are counted and not shown, so that nothing is written after them; `--held` shows them too, after
which they should change sides. Goals, on unseen messages: stated danger 99 % and the right kind 95 %, hidden danger 90 %,
false alarms at most 3 % of harmless look-alikes; patterns p99 1 ms at 2,000 characters, all of it 10 ms at 100 characters
and 150 ms at 2,000.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.common import json_line, met, table
from chat_server.core.safety import explain, screen
from chat_server.danger_eye.eye import Eye
from chat_server.danger_screen import together

SIDES = {"danger_unseen": "unseen", "danger_unseen_second": "unseen, second"}
SETS = Path(__file__).parent.parent / "tests" / "core"
ROUNDS = {100: 200, 2000: 60, 8000: 20}
GOAL_MS = {("patterns", 2000): 1.0, ("both", 100): 10.0, ("both", 2000): 150.0}


class Heard(NamedTuple):
    """A message, what is in it, and the kinds that each way of hearing found."""

    text: str
    kinds: frozenset[str]
    how: str
    side: str
    patterns: frozenset[str]
    eye: frozenset[str]
    both: frozenset[str]
    model: frozenset[str] | None = None

    @property
    def product(self) -> frozenset[str]:
        """What the screen found, or, when it found nothing, the model: it is asked only then."""
        return self.both or self.model or frozenset()


WAYS: dict[str, Callable[[Heard], frozenset[str]]] = {
    "patterns": lambda h: h.patterns,
    "eye": lambda h: h.eye,
    "both": lambda h: h.both,
}
WITH_MODEL: dict[str, Callable[[Heard], frozenset[str]]] = {"with the model": lambda h: h.product}


def heard(by_model: Mapping[str, Sequence[str]] | None) -> list[Heard]:
    """All sets, screened both ways, with what the dialogue model heard where that is given."""
    eye = Eye.current()
    told = []
    for name in ("danger_set", "danger_unseen", "danger_unseen_second"):
        for group in yaml.safe_load((SETS / f"{name}.yml").read_text(encoding="utf-8")):
            side = SIDES.get(name) or ("held out" if group["held"] else "tuned on")
            for text in group["messages"]:
                look, finding = eye.look(text), screen(text)
                found = [frozenset(map(str, kinds)) for kinds in (finding.kinds, look.kinds, together(finding, look).kinds)]
                model = frozenset(by_model[text]) if by_model is not None else None
                told.append(Heard(text, frozenset(group["is"]), group["how"], side, *found, model))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.danger_screen", description=__doc__.partition("\n")[0])
    parser.add_argument("--held", action="store_true", help="show what is held out too")
    parser.add_argument("--model", type=Path, help="what the dialogue model heard: a file of benchmarks.understanding --danger")
    options = parser.parse_args()
    if options.model:
        WAYS.update(WITH_MODEL)
    told = heard(json.loads(options.model.read_text(encoding="utf-8")) if options.model else None)
    print(table(("messages", "", "way", "seen", "kind right"), list(_danger_rows([h for h in told if h.kinds]))))
    print()
    print(table(("harmless look-alikes", "", "way", "false alarms"), list(_calm_rows([h for h in told if not h.kinds]))))
    for title, wrong in (
        ("Misses", [h for h in told if h.kinds and not h.both]),
        ("False alarms", [h for h in told if not h.kinds and h.both]),
    ):
        _show(title, wrong, held=options.held)
    print()
    for length in ROUNDS:
        _show_time(length, told)


def _danger_rows(told: Sequence[Heard]) -> Iterable[tuple[str, ...]]:
    groups: dict[str, list[Heard]] = {}
    for h in told:
        for kind in (*sorted(h.kinds), "all"):
            groups.setdefault(f"{h.side}, {h.how}, {kind}", []).append(h)
    for name, group in sorted(groups.items()):
        for way, kinds in WAYS.items():
            seen, right = sum(bool(kinds(h)) for h in group), sum(h.kinds <= kinds(h) for h in group)
            yield name, str(len(group)), way, f"{seen / len(group):.1%}", f"{right / len(group):.1%}"
            print(json_line(benchmark="danger_screen", of=name, way=way, seen=seen / len(group), right=right / len(group)))


def _calm_rows(told: Sequence[Heard]) -> Iterable[tuple[str, ...]]:
    for side in sorted({h.side for h in told}):
        group = [h for h in told if h.side == side]
        for way, kinds in WAYS.items():
            alarms = sum(bool(kinds(h)) for h in group)
            yield side, str(len(group)), way, f"{alarms} ({alarms / len(group):.1%})"


def _show(title: str, wrong: Sequence[Heard], *, held: bool) -> None:
    print(f"\n{title} of both: {len(wrong)}")
    shown = [h for h in wrong if h.side == "tuned on" or held]
    for h in shown:
        why = [f"{m.theme}: {m.words}" for m in explain(h.text)] + [f"eye: {kind}" for kind in sorted(h.eye)]
        print(f"  {h.text}  [{'; '.join(why or sorted(h.kinds))}]")
    if len(shown) < len(wrong):
        print(f"  and {len(wrong) - len(shown)} held out or unseen, not shown")


def _show_time(length: int, told: Sequence[Heard]) -> None:
    """Time for texts of this length in a fixed order, as parents write: one message of danger among practical ones."""
    chance = random.Random(length)
    calm, danger = ([h.text for h in told if bool(h.kinds) == is_danger] for is_danger in (False, True))
    texts = [
        (". ".join(chance.choices(calm, k=length // 20 + 2))[: max(length - 80, 20)] + ". " + chance.choice(danger))[:length]
        for _ in range(ROUNDS[length])
    ]
    eye = Eye.current()
    ways = {"patterns": screen, "both": lambda text: together(screen(text), eye.look(text))}
    for way, listen in ways.items():
        cuts = statistics.quantiles([_milliseconds(listen, text) for text in texts], n=100)
        goal = GOAL_MS.get((way, length))
        said = f" (goal {goal:.0f} ms: {met(cuts[98] <= goal)})" if goal else ""
        print(f"{length} characters, {way}: p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms{said}")
        print(json_line(benchmark="danger_screen", characters=length, way=way, p50_ms=round(cuts[49], 3), p99_ms=round(cuts[98], 3)))


def _milliseconds(listen: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    listen(text)
    return (time.thread_time() - started) * 1000


if __name__ == "__main__":
    main()
