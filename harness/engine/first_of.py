"""A name for several engines, which selects the first engine that works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.engine.base import Availability, Engine, EngineError, Options


@dataclass(frozen=True)
class FirstOf:
    """Engines for one emulator, in the order in which they are tried."""

    name: str
    emulator: str
    engines: tuple[type[Engine], ...]

    @property
    def summary(self) -> str:
        """The engine names."""
        return f"the first of these that works: {', '.join(engine.name for engine in self.engines)}"

    @property
    def measures_code(self) -> bool:
        """Return whether all of the engines support line coverage for functions."""
        return all(engine.measures_code for engine in self.engines)

    @property
    def debugs(self) -> bool:
        """Return whether all of the engines support debugging."""
        return all(engine.debugs for engine in self.engines)

    def availability_with(self, options: Options) -> Availability:
        """Describe the first usable engine. If there is none, return the reason for each engine."""
        found = [(engine.name, engine.availability_with(options)) for engine in self.engines]
        for name, availability in found:
            if availability.usable:
                return Availability(True, f"by {name}: {availability.detail}")
        refused = (_reason(name, availability) for name, availability in found)
        return Availability(False, "; ".join(refused), "see the engines below")

    def open(self, options: Options) -> Engine:
        """Start and return the first engine that can be started.

        Raises EngineError if no engine can be started.
        """
        return first_started([engine.configured(options) for engine in self.engines], self.emulator)


def first_started(engines: Sequence[Engine], emulator: str) -> Engine:
    """Return the first engine that can be started. Raises EngineError with the reason for each engine."""
    refused = []
    for engine in engines:
        found = engine.availability()
        if not found.usable:
            refused.append(_reason(engine.name, found))
            continue
        try:
            engine.start()
        except BaseException as error:
            engine.stop()
            if not isinstance(error, EngineError):
                raise
            refused.append(f"{engine.name}: {error}")
        else:
            return engine
    raise EngineError(
        f"no {emulator} engine is usable on this machine\n" + "\n".join(f"  {reason}" for reason in refused)
    )


def _reason(name: str, found: Availability) -> str:
    return f"{name}: {found.detail}" + (f"; {found.remedy}" if found.remedy else "")
