"""Emulators to compare with: installed into a temporary environment, started on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import urllib3

from harness.engine.base import Endpoint, scrubbed_environment
from harness.polling import poll

MINISTACK = ("ministack==1.5.33", "boto3")
MOTO = ("moto[server,stepfunctions]==5.2.5",)


@contextlib.contextmanager
def ministack() -> Iterator[Endpoint]:
    """A running MiniStack."""
    with installed(MINISTACK) as folder, served_ministack(folder) as endpoint:
        yield endpoint


@contextlib.contextmanager
def served_ministack(folder: Path) -> Iterator[Endpoint]:
    """Run the MiniStack of an environment."""
    with _served(folder, lambda _: ["ministack"]) as port:
        yield Endpoint(url=f"http://127.0.0.1:{port}", account_id="000000000000")


@contextlib.contextmanager
def moto() -> Iterator[Endpoint]:
    """moto's server, with its state machine interpreter enabled."""
    with (
        installed(MOTO) as folder,
        _served(folder, lambda port: ["moto_server", "-H", "127.0.0.1", "-p", str(port)]) as port,
    ):
        url = f"http://127.0.0.1:{port}"
        # otherwise it immediately returns a canned result
        settings = {"stepfunctions": {"execute_state_machine": True}}
        urllib3.request("POST", f"{url}/moto-api/config", json=settings)
        yield Endpoint(url=url, account_id="123456789012")


@contextlib.contextmanager
def installed(packages: Sequence[str]) -> Iterator[Path]:
    """Create a new virtual environment with the packages."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"installing {', '.join(packages)} ...", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run(
            [Path(folder) / "bin" / "python", "-m", "pip", "install", "-qq", *packages], check=True
        )
        yield Path(folder)


@contextlib.contextmanager
def _served(folder: Path, command: Callable[[int], list[str]]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **scrubbed_environment(os.environ),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "HOME": str(folder),
    }
    program, *arguments = command(port)
    server = subprocess.Popen(
        [folder / "bin" / program, *arguments],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        poll(lambda: _serves(port), bool, what=program, timeout_s=60)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def best_of(times: int, measure: Callable[[], float]) -> float:
    """Return the shortest of several measurements, in seconds. Other work on the machine only
    makes them longer.
    """
    return min(measure() for _ in range(times))


def seconds(do: Callable[[], object]) -> float:
    """Measure the time of something."""
    begin = time.monotonic()
    do()
    return time.monotonic() - begin
