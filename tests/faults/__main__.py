"""Break the service on purpose while people talk to it, and count what went wrong: `make faults`.

    python -m tests.faults [--seed 1] [--only "Redis gone" …] [--short]

Real gateways, a PostgreSQL and a Redis of their own, SQLite where it applies. The dialogue model is a stand-in that speaks
the real channel: its own faults are laid on, and everything else is the gateway's doing.
The report goes to the screen and to `var/faults/report.md`.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.common import allow_many_sockets, table
from tests.faults.scenarios import PLANS, Plan
from tests.faults.verdict import Verdict
from tests.faults.world import places, play
from tests.services import Missing
from tests.stack import ROOT

HEAD = ("fault", "messages", "lost", "doubled", "disordered", "unanswered", "apologies", "longest ack", "longest answer", "normal after", "all answered after")
REPORT = ROOT / "var" / "faults" / "report.md"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 1), help="of who says what when, and what breaks when")
    parser.add_argument("--only", nargs="+", help="names of scenarios, or parts of names")
    parser.add_argument("--short", action="store_true", help="shorter faults")
    options = parser.parse_args(arguments)
    chosen = [plan for plan in PLANS if not options.only or any(word.lower() in plan.name.lower() for word in options.only)]
    if not chosen:
        parser.error(f"no such scenario; there are: {', '.join(plan.name for plan in PLANS)}")
    allow_many_sockets(8000)
    try:
        results = asyncio.run(run(chosen, options.seed, 0.4 if options.short else 1.0))
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    write_report(results, options.seed)
    return 0 if all(not isinstance(verdict, Verdict) or verdict.clean for _, verdict in results) else 1


async def run(plans: Sequence[Plan], seed: int, scale: float) -> list[tuple[Plan, Verdict | str]]:
    """Every plan, one after the other; why one could not be run stands in place of its verdict."""
    results: list[tuple[Plan, Verdict | str]] = []
    with tempfile.TemporaryDirectory(prefix="chat-faults-", ignore_cleanup_errors=True) as folder:
        async with places(Path(folder)) as own:
            for plan in plans:
                began = time.monotonic()
                verdict: Verdict | str
                try:
                    verdict = await play(plan, seed, own, scale)
                except Missing as missing:
                    verdict = str(missing)
                except (AssertionError, OSError, TimeoutError) as failed:  # the others are still worth playing
                    verdict = Verdict(details=[f"could not be played to the end: {failed!r}"])
                results.append((plan, verdict))
                print(f"{plan.name}: {_short(verdict)} ({time.monotonic() - began:.0f} s)", flush=True)
    return results


def _short(verdict: Verdict | str) -> str:
    if isinstance(verdict, str):
        return f"not run: {verdict}"
    return "\n  ".join([("clean" if verdict.clean else "WRONG") + f", normal after {_after(verdict.normal_s)}, all answered after {_after(verdict.settled_s)}, {verdict.sockets} sockets", *verdict.details[:6]]) + (f"; {verdict.note}" if verdict.note else "")


def row(plan: Plan, verdict: Verdict | str) -> tuple[str, ...]:
    if isinstance(verdict, str):
        return (plan.name, "not run", *[""] * (len(HEAD) - 2))
    return (
        plan.name, str(verdict.messages), str(verdict.lost), str(verdict.doubled), str(verdict.disordered), str(verdict.unanswered),
        str(verdict.apologies), f"{verdict.worst_ack_s:.1f} s", f"{verdict.worst_answer_s:.1f} s", _after(verdict.normal_s), _after(verdict.settled_s),
    )


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


def write_report(results: Sequence[tuple[Plan, Verdict | str]], seed: int) -> None:
    rows = [row(plan, verdict) for plan, verdict in results]
    load = os.getloadavg()
    where = f"Seed {seed}. {os.cpu_count()} cores, load {load[0]:.1f} at the end, Python {platform.python_version()}."
    print(f"\n{table(HEAD, rows)}\n\n{where}")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    lines = ["| " + " | ".join(cells) + " |" for cells in (HEAD, ["---"] * len(HEAD), *rows)]
    notes = [f"- {plan.name}: {plan.what}{'. ' + verdict.note if isinstance(verdict, Verdict) and verdict.note else ''}" for plan, verdict in results]
    notes += [f"- {plan.name}: not run: {verdict}" for plan, verdict in results if isinstance(verdict, str)]
    REPORT.write_text("\n".join([where, "", *lines, "", *notes, ""]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
