"""How much one gateway and one Rasa process carry: `make load`.

    python -m benchmarks.load [--only idle acknowledge relay turns growth] [--quick] [--model FILE]

Real gateway processes, a PostgreSQL of its own beside SQLite, and a stand-in for the dialogue model that answers at once
(except for `turns`, which is Rasa itself and needs a trained model). Tables and pictures go to `var/load/`.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.common import NotMeasured, allow_many_sockets, met, table
from benchmarks.load import parts, pictures, turns
from benchmarks.load.parts import TURNS_GOAL, Result
from chat_server.launch.fingerprint import ROOT
from tests.faults.world import Places, places
from tests.services import Missing

PARTS = ("idle", "acknowledge", "relay", "turns", "growth")
OUT = ROOT / "var" / "load"
FULL = {"idle": (1000, 5000, 10_000), "rate": 200, "seconds": 30.0, "pairs": 500, "words": 100.0, "sizes": (1000, 100_000, 1_000_000), "takes": 200}
QUICK = {"idle": (100, 300), "rate": 20, "seconds": 5.0, "pairs": 20, "words": 10.0, "sizes": (1000, 3000), "takes": 20}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works; no measurement")
    parser.add_argument("--model", type=Path, help="a trained model for `turns`; the current one where there is one, if not given")
    options = parser.parse_args(arguments)
    sizes = QUICK if options.quick else FULL
    allow_many_sockets(2 * max(sizes["idle"]) if not options.quick else 4000)
    with tempfile.TemporaryDirectory(prefix="chat-load-", ignore_cleanup_errors=True) as folder:
        results = asyncio.run(measure(options.only, sizes, Path(folder), options.model))
    report(results)
    return 0 if results else 1


async def measure(only: Sequence[str], sizes: dict, folder: Path, model: Path | None) -> list[Result]:
    """Every part that was asked for; one that cannot be measured says why and leaves the others."""
    results: list[Result] = []
    async with places(folder) as own:
        for part in only:
            before = os.getloadavg()[0]
            try:
                found = await _part(part, sizes, own, model)
            except (NotMeasured, Missing, OSError, TimeoutError) as failed:
                print(f"{part}: not measured: {failed}", file=sys.stderr)
                continue
            for result in found:
                result.facts["load_before"] = round(before, 1)
                print(f"{result.what}: {result.value}", flush=True)
            results += found
    return results


async def _part(part: str, sizes: dict, own: Places, model: Path | None) -> list[Result]:
    match part:
        case "idle":
            return await parts.idle(sizes["idle"])
        case "acknowledge":
            return await parts.acknowledge(own, sizes["rate"], sizes["seconds"])
        case "relay":
            return await parts.relay(own, sizes["pairs"], sizes["words"], sizes["seconds"])
        case "growth":
            return await parts.growth(own, sizes["sizes"], sizes["takes"])
    found = model or next(iter(sorted((ROOT / "var" / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)), None)
    if found is None:
        raise NotMeasured("there is no trained model (make train, or --model)")
    ours, stock = await turns.turns_a_second(found, at_once=16, seconds=sizes["seconds"])
    ratio = ours / stock
    return [Result("turns a second through one Rasa process: ours to stock", f"{ours:.1f} to {stock:.1f} = {ratio:.2f}", f"{TURNS_GOAL:g}", ratio >= TURNS_GOAL, {"ours": ours, "stock": stock})]


def report(results: Sequence[Result]) -> None:
    """The table on the screen and in `var/load/`, the pictures beside it."""
    OUT.mkdir(parents=True, exist_ok=True)
    rows = [(one.what, one.value, one.goal, "" if one.met is None else met(one.met), f"{one.facts.get('load_before', 0):g}") for one in results]
    head = ("what", "measured", "goal", "", "load of the machine before")
    print(f"\n{table(head, rows)}\n\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    (OUT / "report.md").write_text("\n".join([*lines, ""]))
    (OUT / "report.json").write_text(json.dumps([{"what": one.what, "value": one.value, **one.facts} for one in results], indent=1))
    for name, drawn in draw(results).items():
        (OUT / f"{name}.svg").write_text(drawn)


def draw(results: Sequence[Result]) -> dict[str, str]:
    """A picture for each part that has more than one point."""
    found: dict[str, str] = {}
    idle = [(one.facts["parents"], one.facts["kib"]) for one in results if "kib" in one.facts]
    if len(idle) > 1:
        found["load-idle"] = pictures.chart("Memory for each idle parent", "parents on one gateway process", "KiB each", {"gateway": idle}, parts.IDLE_GOAL_KIB)
    grown = [one.facts for one in results if "size" in one.facts]
    if grown:
        lines = {
            f"{what}, {store}": [(fact["size"], fact["p50_ms"]) for fact in grown if (fact["what"], fact["store"]) == (what, store)]
            for what in ("acknowledge", "read the queue") for store in ("sqlite", "postgresql")
        }
        found["load-growth"] = pictures.chart("How it grows with what is stored", "conversations stored", "ms, median", {name: points for name, points in lines.items() if points})
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
