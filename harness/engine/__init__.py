"""Engines that run scenarios. To add an engine, add one module (or package) and one line in `ENGINES`."""

from __future__ import annotations

from typing import Protocol

from harness.engine.base import Availability, Engine, Options
from harness.engine.endpoint import EndpointEngine
from harness.engine.first_of import FirstOf
from harness.engine.isolation import check as check_isolation
from harness.engine.localstack.docker import LocalStackDocker
from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.running import LocalStackRunning
from harness.engine.ministack.engine import MiniStack
from harness.engine.moto.engine import MotoEngine
from harness.engine.place import check as check_place
from harness.settings import Settings, SettingsError


class EngineKind(Protocol):
    """An `ENGINES` entry: a subclass of Engine, or a choice between several engines."""

    @property
    def name(self) -> str:
        """The name by which users select it."""
        ...

    @property
    def summary(self) -> str:
        """A short description for lists."""
        ...

    @property
    def measures_code(self) -> bool:
        """Return whether the engine supports line coverage for functions."""
        ...

    @property
    def debugs(self) -> bool:
        """Return whether functions and state machines can be debugged on the engine."""
        ...

    def availability_with(self, options: Options) -> Availability:
        """Return whether the engine works on this machine. Starts nothing."""
        ...

    def open(self, options: Options) -> Engine:
        """Return an engine, and begin to start it. Raises EngineError."""
        ...


ENGINES: tuple[EngineKind, ...] = (
    MotoEngine,
    FirstOf("localstack", "LocalStack", (LocalStackRunning, LocalStackDocker, LocalStackHost)),
    LocalStackRunning,
    LocalStackDocker,
    LocalStackHost,
    MiniStack,
    EndpointEngine,
)


def table() -> str:
    """Return the table of engines for the documentation, with one row for each entry in `ENGINES`."""
    rows = (f"| `{engine.name}` | {engine.summary} |" for engine in ENGINES)
    return "\n".join(("| engine | description |", "|---|---|", *rows))


def engine_named(name: str) -> EngineKind:
    """Find the engine with this name. Raises LookupError, which lists the known engines."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    raise LookupError(f"unknown engine {name!r}; {nearest(name, [engine.name for engine in ENGINES])}")


def engine_of(settings: Settings, port: int = 0) -> Engine:
    """Start and return the engine specified in the settings. Port 0 selects a free port.

    Raises:
        SettingsError: the engine is unknown, or does not support the account or region.
        EngineError: a required setting is missing or invalid, or this machine cannot satisfy it.
    """
    kind = kind_of(settings.engine)
    check_place(settings)
    check_isolation(settings)
    return kind.open(Options.of(settings, port))


def kind_of(name: str) -> EngineKind:
    """Return the engine with this name. Raises SettingsError, which lists the known engines."""
    try:
        return engine_named(name)
    except LookupError as error:
        raise SettingsError(str(error.args[0])) from None
