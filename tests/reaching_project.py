"""A project with a function that pauses, or connects to a port on this machine. `network` allows one port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debugged_project import TEMPLATE
from minimal_project import PYPROJECT, write

APP = """\
import socket

def handler(event, context):
    if "port" not in event:
        breakpoint()
        return "went on"
    with socket.create_connection(("127.0.0.1", event["port"])):
        return "connected"
"""


@contextmanager
def project(folder: Path) -> Iterator[tuple[int, int]]:
    """Create it in a folder, and listen on two ports. Return the allowed port and the other one."""
    with socket.create_server(("127.0.0.1", 0)) as allowed, socket.create_server(("127.0.0.1", 0)) as other:
        port, another = (server.getsockname()[1] for server in (allowed, other))
        table = f'{PYPROJECT}lint = false\nnetwork = ["127.0.0.1:{port}"]\n'
        write(folder, {"pyproject.toml": table, "template.yaml": TEMPLATE, "src/app.py": APP})
        yield port, another
