"""Ports on this machine: can a server listen on one, and which are free."""

import random
import socket

# Below the ranges from which systems pick ports for outgoing connections (32768 on Linux, 49152 elsewhere), so that
# no such connection takes a port between its choice and the start of the server that it was chosen for.
_CHOICE = range(20_000, 32_000)


def listen_problem(host: str, port: int) -> str | None:
    """Why a server could not listen there now, in the system's words; None when it could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return None


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nothing listens, chosen by chance so that two copies hardly ever choose the same."""
    for port in random.sample(_CHOICE, 200):
        if listen_problem(host, port) is None:
            return port
    raise OSError(f"no free port was found on {host}")
