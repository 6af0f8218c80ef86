"""All benchmarks, one after the other: `make bench`. Each prints its own table; each also runs alone."""

import subprocess
import sys

OURS, RASAS = sys.executable, ".venv-rasa/bin/python"
BENCHMARKS = {
    "estimate": OURS,
    "danger_screen": OURS,
    "understanding": RASAS,
    "turn": OURS,
    "idle_memory": OURS,
}
"""Each with the Python that it runs on."""


def main() -> int:
    """Run each in a process of its own; the worst exit code is ours."""
    worst = 0
    for name, python in BENCHMARKS.items():
        print(f"\n=== benchmarks.{name}", flush=True)
        worst = max(worst, subprocess.run([python, "-m", f"benchmarks.{name}"], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
