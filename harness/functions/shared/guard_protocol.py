"""Messages to the functions' guard: environments send their notifications, and the supervisor sends the rest.

Each message is a packet with one descriptor. An environment closes its end before the function's code is
loaded, so that only the supervisor can set an environment's permissions.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

PACKET_BYTES = 1 << 16
"""Maximum packet size in bytes."""


@dataclass(frozen=True)
class Listener:
    """The packet in which an environment passes the descriptor of its notifications.

    `used_bytes` is its memory usage at the start.
    """

    used_bytes: int

    def packet(self) -> bytes:
        """Return the packet's bytes."""
        return json.dumps(self.used_bytes).encode()


@dataclass(frozen=True)
class Registration:
    """The bounds of the environment `pid`; the packet's descriptor refers to its log.

    `reach` (the harness) and `network` (the setting) are its allowed addresses, as `host:port`. `memory_mib`
    is the function's MemorySize.
    """

    pid: int
    reach: list[str]
    network: list[str]
    memory_mib: int

    def packet(self) -> bytes:
        """Return the packet's bytes."""
        return json.dumps(asdict(self)).encode()


def read_packet(packet: bytes) -> Listener | Registration:
    """Read the bytes that `packet` returned."""
    read = json.loads(packet)
    return Listener(read) if isinstance(read, int) else Registration(**read)
