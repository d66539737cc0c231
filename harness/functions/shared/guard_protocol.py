"""Messages to the guard of functions: from an environment its notifications, from the supervisor the rest.

Each is a packet with one descriptor. An environment closes its end before the function's code is loaded, so
that only the supervisor says what an environment may do.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

PACKET_BYTES = 1 << 16
"""The most bytes of a packet."""


@dataclass(frozen=True)
class Listener:
    """The packet with which an environment hands over the descriptor of its notifications.

    `used_bytes` is the memory that it begins with.
    """

    used_bytes: int

    def packet(self) -> bytes:
        """Write it."""
        return json.dumps(self.used_bytes).encode()


@dataclass(frozen=True)
class Registration:
    """The bounds of the environment `pid`; the descriptor that goes with it is that of its log.

    `reach` and `network` are what it connects to, as `host:port`: the harness, and what the setting allows.
    `memory_mib` is the function's MemorySize.
    """

    pid: int
    reach: list[str]
    network: list[str]
    memory_mib: int

    def packet(self) -> bytes:
        """Write it."""
        return json.dumps(asdict(self)).encode()


def read_packet(packet: bytes) -> Listener | Registration:
    """Read what `packet` wrote."""
    read = json.loads(packet)
    return Listener(read) if isinstance(read, int) else Registration(**read)
