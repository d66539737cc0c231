"""The child process: MiniStack on the port that the environment says.

Prints one line of JSON on standard output when it serves, and ends when its standard input is closed.
MiniStack's own child processes (its Lambda functions) are ended with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import threading
import time


def end_with_parent(folder: str) -> None:
    """Wait for the end of standard input; then end the whole process group."""
    while os.read(0, 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def announce(out: int, port: int) -> None:
    """Tell when the port is open."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    os.write(out, b"{}\n")


def main() -> None:
    """Serve."""
    folder = sys.argv.pop(1)
    out = os.dup(1)
    os.dup2(2, 1)
    threading.Thread(target=end_with_parent, args=(folder,), daemon=True).start()
    threading.Thread(target=announce, args=(out, int(os.environ["GATEWAY_PORT"])), daemon=True).start()

    from ministack.app import main as run  # noqa: PLC0415  (reads the environment)

    run()


if __name__ == "__main__":
    main()
