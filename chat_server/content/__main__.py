"""`python -m chat_server.content`: check the content and say what is wrong, with file and line."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chat_server.content import checks
from chat_server.content.content import read

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the findings; 1 when there is an error among them, 0 when there are only warnings or nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m chat_server.content",
        description="Check the wording, the examples, the domain and the stories.",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the copy of the project to check")
    parser.add_argument("--no-warnings", action="store_true", help="show errors only")
    options = parser.parse_args(list(arguments))
    content = read(options.root)
    findings = checks.check(content)
    errors = [finding for finding in findings if finding.severity == "error"]
    for finding in errors if options.no_warnings else findings:
        print(finding)
    waiting = checks.waiting_for_welsh_review(content)
    print(
        f"{len(content.keys)} keys checked: {len(errors)} errors, {len(findings) - len(errors)} warnings."
        + (f" {waiting} Welsh variations wait for a Welsh speaker's review." if waiting else "")
    )
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
