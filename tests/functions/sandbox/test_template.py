"""A template that cannot be forked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are forked on Linux only")

TEMPLATE = """
import socket, sys
from harness.functions.sandbox import template
from harness.functions.sandbox.side_channel import SideChannel
def fork_sibling():
    raise BlockingIOError(11, "no more processes")
template.fork_sibling = fork_sibling
template.serve_forks(SideChannel(socket.socket(fileno=int(sys.argv[1]))))
"""


def test_a_template_ends_when_it_cannot_fork():
    ours, theirs = socket.socketpair()
    root = Path(__file__).parents[3]
    with ours:
        with theirs:
            template = subprocess.Popen(
                [sys.executable, "-c", TEMPLATE, str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=root
            )
        with open(os.devnull, "wb") as output:
            request = json.dumps({"fork": {}}).encode() + b"\n"
            socket.send_fds(ours, [request], [output.fileno(), output.fileno()])
        ours.settimeout(30)
        assert ours.recv(1) == b"", "the supervisor would wait for ever"
    assert template.wait() == 1
