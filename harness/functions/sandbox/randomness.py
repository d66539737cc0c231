"""Repeatable randomness: all random values in a function are derived from its invocation.

Under virtual time, a process takes its random values from generators. They are seeded when its environment
begins, and again with each invocation's request ID. They replace the functions that read the operating
system's randomness: `os.urandom()`, `os.getrandom()` and `ssl.RAND_bytes()`. So they also cover `secrets`,
`uuid.uuid4()`, `random.SystemRandom`, the names from `tempfile`, and numpy's `default_rng()`, which uses
`secrets`. They also seed `random.Random()` without a seed, and the functions in the module `random`.
`uuid.uuid1()` takes its node from the environment, and its time from the clock. A process that a function
forks has its own sequence.

Real random values remain wherever the operating system's randomness is read directly: reads of /dev/urandom,
OpenSSL's keys, other C libraries, and other programs. Process IDs, ports and addresses (`id()`, and therefore
the order of sets of objects without their own hash) cannot be seeded.
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
"""Functions that read the operating system's randomness, each with the modules that export it."""
_NODE_BITS: Final = 48
_MULTICAST: Final = 1 << 40
"""Marks a node ID that does not belong to a network card:
https://datatracker.ietf.org/doc/html/rfc4122#section-4.5
"""


class Randomness:
    """A process's generators. Call order: `install`, `start`, then `begin` for each invocation."""

    def __init__(self) -> None:
        self._entropy = random.Random(0)  # noqa: S311 - it must repeat, not be secret
        self._active = False
        self._seed = ""
        self._forks = 0
        self._state: object = None
        self._on_draw: Callable[[], object] | None = None

    def install(self) -> None:
        """Install replacements for later imports; they behave like the originals until `start`."""
        for name, first, second in _OF_THE_SYSTEM:
            modules = _modules(first, second)
            real = getattr(modules[0], name, None) if modules else None
            if real is None:
                continue
            replacement = _Replacement(self, real, self._bytes)
            for module in modules:
                setattr(module, name, replacement)
        vars(random)["_urandom"] = os.urandom  # used by SystemRandom, and so by `secrets`
        self._seed_unseeded()
        os.register_at_fork(before=self._fork, after_in_child=self._forked)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Make modules draw the same values on import in every process of this kind."""
        self._active = True
        self.begin("loading")
        try:
            yield
        finally:
            self._active = False

    def start(self, seed: str) -> None:
        """Start repeatable randomness for an environment with this seed."""
        self._active = True
        vars(uuid)["_generate_time_safe"] = None  # with it, uuid1 would use a daemon or the network card
        self.begin(seed)
        vars(uuid)["_node"] = self._entropy.getrandbits(_NODE_BITS) | _MULTICAST

    def begin(self, seed: str) -> None:
        """Begin an invocation, or the initialisation, with this seed."""
        if not self._active:
            return
        self._seed, self._forks = seed, 0
        random.seed(seed)
        self._entropy.seed(f"entropy {seed}")
        if "tempfile" in sys.modules:  # its names come from a cached generator
            vars(sys.modules["tempfile"])["_name_sequence"] = None
        self._state = random.getstate()

    def begin_invocation(self, setting: InvocationSetting) -> None:
        """Begin an invocation."""
        self.begin(setting["request_id"])

    @property
    def active(self) -> bool:
        """Return whether randomness is repeatable in this process."""
        return self._active

    def watch(self, on_draw: Callable[[], object] | None) -> None:
        """Set a callback for draws from the system's randomness; None removes it.

        Draws through the functions in the module `random` are visible only in `moved`.
        """
        self._on_draw = on_draw

    @property
    def moved(self) -> bool:
        """Return whether functions in the module `random` have drawn since `start` or `begin`."""
        return self._state != random.getstate()

    def _note(self) -> None:
        if self._on_draw is not None:
            self._on_draw()

    def _bytes(self, size: int) -> bytes:
        if sys._getframe(2).f_globals.get("__name__") != "multiprocessing.process":  # it draws on import
            self._note()
        return self._entropy.randbytes(size)

    def _seed_unseeded(self) -> None:
        """Seed generators that are created without a seed."""
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
        """Draw values that differ from the parent's. At this point, `random` itself has a real seed."""
        self.begin(f"{self._seed} fork {self._forks}")


class _Replacement:
    """Replaces a function that draws random values. It is an object, because built-in functions do not become
    methods in classes.
    """

    def __init__(
        self, randomness: Randomness, real: Callable[..., bytes], draw: Callable[[int], bytes]
    ) -> None:
        functools.update_wrapper(self, real)
        self._randomness = randomness
        self._real = real
        self._draw = draw

    def __call__(self, size: int, *more: int, **named: int) -> bytes:
        if not self._randomness.active or not isinstance(size, int) or size < 0:
            return self._real(size, *more, **named)  # raises for an invalid size
        return self._draw(size)

    def __reduce__(self) -> str:
        return self._real.__name__  # pickled and copied by name, like the original

    def __repr__(self) -> str:
        return repr(self._real)


def _modules(*names: str) -> list[ModuleType]:
    """Return the modules with these names that this Python has."""
    for name in names:
        if name not in sys.modules:
            try:
                __import__(name)
            except ImportError:
                continue
    return [sys.modules[name] for name in names if name in sys.modules]


randomness: Final = Randomness()
"""The generators of this process."""
