"""Messages to the guard of the network: from an environment its notifications, from the supervisor the rest.

Each is a packet with one descriptor. An environment closes its end before the function's code is loaded, so that
only the supervisor says what an environment may reach.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

LISTENER = b"listener"
"""The packet with which an environment hands over the descriptor of its notifications."""

PACKET_BYTES = 1 << 16


def registration(pid: int, own: Sequence[str], allowed: Sequence[str]) -> bytes:
    """Write what the environment `pid` may reach; the descriptor that goes with it is that of its log."""
    return json.dumps([pid, list(own), list(allowed)]).encode()


def registered(packet: bytes) -> tuple[int, list[str], list[str]]:
    """Read what `registration` wrote."""
    pid, own, allowed = json.loads(packet)
    return pid, own, allowed
