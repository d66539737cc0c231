"""Chance that repeats: whatever a function draws at random follows from its invocation.

Under virtual time a process draws from generators that are seeded when its environment begins, and again by
the request id of each invocation. They stand behind the functions that ask the operating system:
`os.urandom()`, `os.getrandom()` and `ssl.RAND_bytes()`, and with them `secrets`, `uuid.uuid4()`,
`random.SystemRandom`, the names of `tempfile`, and numpy's `default_rng()`, which asks `secrets`; and behind
`random.Random()` without a seed. The functions of the module `random` are seeded, too. `uuid.uuid1()` takes
its node from the environment, its time from the clock. A process that a function forks draws on its own.

Real stays what asks the operating system by itself: reading /dev/urandom, keys that OpenSSL makes, other
libraries in C, and other programs. Process ids, ports and addresses (`id()`, and so the order of sets of
objects that have no hash of their own) are no chance that can be seeded.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..shared.sandbox_protocol import InvocationSetting

_OF_THE_SYSTEM: Final = (
    ("urandom", "os", "posix"),
    ("getrandom", "os", "posix"),
    ("RAND_bytes", "ssl", "_ssl"),
)
"""Functions that ask the operating system, each with the modules that have it."""
_NODE_BITS: Final = 48
_MULTICAST: Final = 1 << 40
"""Marks a node that is no network card's: https://datatracker.ietf.org/doc/html/rfc4122#section-4.5"""


class Randomness:
    """The generators of a process. In its order: `install`; `start`; then `begin` for each invocation."""

    def __init__(self) -> None:
        self._entropy = random.Random(0)  # noqa: S311 - it must repeat, not be secret
        self._active = False
        self._seed = ""
        self._forks = 0
        self._state: object = None
        self._on_draw: Callable[[], object] | None = None

    def install(self) -> None:
        """Have what is imported from now on use replacements, which do what they replace until `start`."""
        for name, first, second in _OF_THE_SYSTEM:
            modules = _modules(first, second)
            real = getattr(modules[0], name, None) if modules else None
            if real is None:
                continue
            replacement = _Replacement(self, real, self._bytes)
            for module in modules:
                setattr(module, name, replacement)
        vars(random)["_urandom"] = os.urandom  # of SystemRandom, and so of `secrets`
        self._seed_unseeded()
        os.register_at_fork(before=self._fork, after_in_child=self._forked)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Let what modules draw while they are imported be the same in every process of this kind."""
        self._active = True
        self.begin("loading")
        try:
            yield
        finally:
            self._active = False

    def start(self, seed: str) -> None:
        """From now on chance repeats: an environment of this seed begins."""
        self._active = True
        vars(uuid)["_generate_time_safe"] = None  # uuid1 asks a daemon, or the network card, with it
        self.begin(seed)
        vars(uuid)["_node"] = self._entropy.getrandbits(_NODE_BITS) | _MULTICAST

    def begin(self, seed: str) -> None:
        """Begin an invocation, or what comes before the first, with this seed."""
        if not self._active:
            return
        self._seed, self._forks = seed, 0
        random.seed(seed)
        self._entropy.seed(f"entropy {seed}")
        if "tempfile" in sys.modules:  # its names come from a generator that it keeps
            vars(sys.modules["tempfile"])["_name_sequence"] = None
        self._state = random.getstate()

    def begin_invocation(self, setting: InvocationSetting) -> None:
        """Begin an invocation."""
        self.begin(setting["request_id"])

    @property
    def active(self) -> bool:
        """Tell whether chance repeats in this process."""
        return self._active

    def watch(self, on_draw: Callable[[], object] | None) -> None:
        """Call this before anything is drawn from the system; with None, nobody any longer.

        What is drawn from the functions of the module `random` shows in `moved` only.
        """
        self._on_draw = on_draw

    @property
    def moved(self) -> bool:
        """Tell whether functions of the module `random` have drawn since `start` or `begin`."""
        return self._state != random.getstate()

    def _note(self) -> None:
        if self._on_draw is not None:
            self._on_draw()

    def _bytes(self, size: int) -> bytes:
        if sys._getframe(2).f_globals.get("__name__") != "multiprocessing.process":  # it draws when imported
            self._note()
        return self._entropy.randbytes(size)

    def _seed_unseeded(self) -> None:
        """Let generators that are given no seed take it from here."""
        seed = random.Random.seed

        @functools.wraps(seed)
        def seeded(generator: random.Random, a: object = None, version: int = 2) -> None:
            if a is None and self._active:
                self._note()
                a = self._entropy.getrandbits(256)
            seed(generator, a, version)  # type: ignore[arg-type]  # it checks its type itself

        vars(random)["seed"] = functools.partial(seeded, vars(random)["_inst"])
        functools.update_wrapper(vars(random)["seed"], vars(random)["_inst"].seed)
        random.Random.seed = seeded  # type: ignore[method-assign, assignment]

    def _fork(self) -> None:
        self._forks += 1

    def _forked(self) -> None:
        """Draw otherwise than the parent does; `random` itself has taken a real seed by now."""
        self.begin(f"{self._seed} fork {self._forks}")


class _Replacement:
    """Stands where a function stood that draws: an object, as those are no methods in a class."""

    def __init__(
        self, randomness: Randomness, real: Callable[..., bytes], draw: Callable[[int], bytes]
    ) -> None:
        functools.update_wrapper(self, real)
        self._randomness = randomness
        self._real = real
        self._draw = draw

    def __call__(self, size: int, *more: int, **named: int) -> bytes:
        if not self._randomness.active or not isinstance(size, int) or size < 0:
            return self._real(size, *more, **named)  # which raises for what is no size
        return self._draw(size)

    def __reduce__(self) -> str:
        return self._real.__name__  # pickled, and copied, by its name, like what it replaces

    def __repr__(self) -> str:
        return repr(self._real)


def _modules(*names: str) -> list[ModuleType]:
    """Give the modules of these names; those of a Python without them are left out."""
    for name in names:
        if name not in sys.modules:
            try:
                __import__(name)
            except ImportError:
                continue
    return [sys.modules[name] for name in names if name in sys.modules]


randomness: Final = Randomness()
"""That of this process."""
