"""Generated IDs.

They are the same in every run with the same world, even if concurrent calls arrive in a different
order.

Each request uses its own random generator. The seed consists of the calling invocation or task, the
operation, and the number of earlier calls of the same kind. Concurrent calls therefore do not affect each
other's IDs. Work that services do outside requests uses one generator for the whole world.

Patched:
- `mock_random` (moto.moto_api._internal), from which moto generates most IDs: it uses the request's
  generator.
- `os.urandom`, and with it `uuid.uuid4` and `secrets`, from which some services generate their IDs: they
  also use the request's generator, but real randomness outside requests.
- `AccountSpecificBackend.__init__` (moto.core.base_backend): values that a service generates on first use
  come from a separate generator, so it does not matter which request comes first.
- `uuid4` in moto.core.base_backend, with which moto distinguishes its own objects: it stays random.
- `cryptography.x509.random_serial_number`.

Services that use the module `random` share its generator, which is restarted at each reset. Key pairs that
OpenSSL generates for moto stay random, except for SNS's signing key (`signatures`).
"""

from __future__ import annotations

import functools
import os
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from moto.core import base_backend
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

_SERIAL_BITS: Final = 159  # same as in cryptography


class _Thread(threading.local):
    """The generator for the thread's current request. None outside requests."""

    source: random.Random | None = None


_THREAD: Final = _Thread()
_real_urandom: Final = os.urandom


class Ids:
    """The generators for one world."""

    def __init__(self, world: int) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()
        self.own = self._generator("own")

    def reset(self) -> None:
        """Restart the generators, as in a new process."""
        with self._lock:
            self._calls.clear()
            self.own = self._generator("own")
            random.seed(f"ids {self._world}")

    @contextmanager
    def of_call(self, caller: str, operation: str) -> Iterator[None]:
        """Use the generator of a call. `caller` is the invocation or task that makes the call, or ""."""
        with self._lock:
            self._calls[caller, operation] += 1
            number = self._calls[caller, operation]
        with self._drawing(f"{caller} {operation} {number}"):
            yield

    def of_backend(self, make: Callable[..., Any], service: str) -> Callable[..., Any]:
        """Wrap the function that creates a service's backend for a region and account."""

        def made(region: str, account_id: str) -> Any:
            with self._drawing(f"backend {service} {region} {account_id}"):
                return make(region, account_id=account_id)

        return made

    @contextmanager
    def _drawing(self, seed: str) -> Iterator[None]:
        before, _THREAD.source = _THREAD.source, self._generator(seed)
        try:
            yield
        finally:
            _THREAD.source = before

    def _generator(self, seed: str) -> random.Random:
        return random.Random(f"ids {self._world} {seed}")  # noqa: S311 - must be repeatable, not secret


class _OfRequests(MotoRandom):
    """moto's source of randomness. All of its values come from these two methods."""

    ids: Ids

    def random(self) -> float:
        """Return a number, 0 <= x < 1."""
        return (_THREAD.source or self.ids.own).random()

    def getrandbits(self, k: int, /) -> int:
        """Return an integer with `k` bits."""
        return (_THREAD.source or self.ids.own).getrandbits(k)


def install(world: int) -> Ids:
    """Patch this process, before the services are imported."""
    from cryptography import x509  # noqa: PLC0415  (start-up)

    ids = Ids(world)
    source: Any = mock_random
    source.__class__ = _OfRequests
    source.ids = ids
    vars(base_backend)["uuid4"] = lambda: uuid.UUID(bytes=_real_urandom(16), version=4)
    _wrap_backends(ids)
    vars(os)["urandom"] = vars(random)["_urandom"] = _urandom
    x509.random_serial_number = lambda: mock_random.getrandbits(_SERIAL_BITS)
    return ids


def _wrap_backends(ids: Ids) -> None:
    patched: Any = base_backend.AccountSpecificBackend
    init = patched.__init__

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        init(self, *args, **kwargs)
        self.backend = ids.of_backend(self.backend, self.service_name)

    patched.__init__ = __init__


def _urandom(size: int, /) -> bytes:
    """Return bytes from the generator for this thread's request, or real random bytes outside requests."""
    source = _THREAD.source
    return _real_urandom(size) if source is None else source.randbytes(size)
