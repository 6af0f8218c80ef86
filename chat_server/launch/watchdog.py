"""Kills the services when the supervisor is killed and cannot stop them itself.

Each service is a process group. A separate process holds the reading end of a pipe from the supervisor and a list of
the groups; when the pipe breaks, whatever is still listed is killed. The kernel's own parent-death signal would not do:
it reaches a service's first process only, and the action server's workers would go on answering without it.
"""

import contextlib
import os
import signal
import subprocess
import sys


class Watchdog:
    """The supervisor's side of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
        )

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Close the pipe; whatever is still watched is killed."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.write(line.encode())


def kill_group(group: int) -> None:
    """Kill whatever is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)


if __name__ == "__main__":
    main()
