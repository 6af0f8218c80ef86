"""A tiny stand-in for a service: listens on a port, with a worker of its own as the real action server has.

    python fake_service.py PORT [stubborn | doomed]

`stubborn` ignores TERM; `doomed` says why and ends at once.
"""

import signal
import socket
import subprocess
import sys

port, manner = int(sys.argv[1]), sys.argv[2:]
if manner == ["doomed"]:
    sys.exit("no such configuration")
if manner == ["stubborn"]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = subprocess.Popen(["sleep", "600"])
with socket.create_server(("127.0.0.1", port)) as server:
    print(f"worker {worker.pid}", flush=True)
    while True:
        server.accept()[0].close()
