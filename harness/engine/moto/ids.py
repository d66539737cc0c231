"""Ids that services make up are the same in every run of a world, whichever of several calls arrives first.

Each request draws from a generator of its own, whose seed is the invocation or task that makes the call, the
operation, and how many such calls came before. So calls that are made side by side do not change each other's
ids. What services do on their own, beside requests, draws from one generator of the world.

Patched:
- `mock_random` (moto.moto_api._internal), of which moto makes all ids: it asks the request's generator.
- `uuid.uuid4`, which some services import themselves: the same, while a request is answered.
- `cryptography.x509.random_serial_number`, and `os.urandom` in the modules of moto.kms.

Key pairs that moto lets OpenSSL make stay random, but for the one with which SNS signs (`signatures`).
"""

from __future__ import annotations

import os
import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

_SERIAL_BITS: Final = 159  # as cryptography's own


class _Thread(threading.local):
    """The generator of the request that a thread answers; None outside of requests."""

    source: random.Random | None = None


_THREAD: Final = _Thread()
_real_uuid4: Final = uuid.uuid4


class Ids:
    """The generators of one world."""

    def __init__(self, world: int) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()
        self.own = self._generator("own")

    def reset(self) -> None:
        """Begin again, as in a new process."""
        with self._lock:
            self._calls.clear()
            self.own = self._generator("own")

    @contextmanager
    def of_call(self, caller: str, operation: str) -> Iterator[None]:
        """Draw from the generator of a call; `caller` is the invocation or task that makes it, or ""."""
        with self._lock:
            self._calls[caller, operation] += 1
            number = self._calls[caller, operation]
        before, _THREAD.source = _THREAD.source, self._generator(f"{caller} {operation} {number}")
        try:
            yield
        finally:
            _THREAD.source = before

    def _generator(self, seed: str) -> random.Random:
        return random.Random(f"ids {self._world} {seed}")  # noqa: S311 - it must repeat, not be secret


class _OfRequests(MotoRandom):
    """moto's source of chance: all that it gives is made of these two."""

    ids: Ids

    def random(self) -> float:
        """Give a number, 0 <= x < 1."""
        return (_THREAD.source or self.ids.own).random()

    def getrandbits(self, k: int, /) -> int:
        """Give a whole number of `k` bits."""
        return (_THREAD.source or self.ids.own).getrandbits(k)


def install(world: int) -> Ids:
    """Patch this process, before the services are imported."""
    from cryptography import x509  # noqa: PLC0415  (start-up)

    ids = Ids(world)
    source: Any = mock_random
    source.__class__ = _OfRequests
    source.ids = ids
    patched: Any = uuid
    patched.uuid4 = _uuid4
    x509.random_serial_number = lambda: mock_random.getrandbits(_SERIAL_BITS)
    return ids


def install_in_kms() -> None:
    """Let moto.kms, which is imported now, draw its bytes here."""
    from moto.kms import models, responses, utils  # noqa: PLC0415  (when it is used)

    own = ModuleType("os")
    vars(own).update(vars(os), urandom=mock_random.randbytes)
    for module in (models, responses, utils):
        vars(module)["os"] = own


def _uuid4() -> uuid.UUID:
    """Make a UUID of the request that this thread answers; a real one outside of requests."""
    if _THREAD.source is None:
        return _real_uuid4()
    return uuid.UUID(int=_THREAD.source.getrandbits(128), version=4)
