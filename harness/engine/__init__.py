"""The engines on which scenarios run. A new engine is one module (or package) and one line in `ENGINES`."""

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
    """An entry of `ENGINES`: a subclass of Engine, or a choice between several."""

    @property
    def name(self) -> str:
        """The name by which users choose it."""
        ...

    @property
    def summary(self) -> str:
        """A phrase for lists."""
        ...

    @property
    def measures_code(self) -> bool:
        """Tell whether it counts lines of functions' code."""
        ...

    @property
    def debugs(self) -> bool:
        """Tell whether functions and state machines can be debugged on it."""
        ...

    def availability_with(self, options: Options) -> Availability:
        """Tell whether it works here; starts nothing."""
        ...

    def open(self, options: Options) -> Engine:
        """Return an engine that is coming up. Raises EngineError."""
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
    """Return the documentation's table of engines, a row for each entry of `ENGINES`."""
    rows = (f"| `{engine.name}` | {engine.summary} |" for engine in ENGINES)
    return "\n".join(("| engine | what it is |", "|---|---|", *rows))


def engine_named(name: str) -> EngineKind:
    """Find the engine of that name. Raises LookupError, which lists the known ones."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    raise LookupError(f"there is no engine {name!r}; {nearest(name, [engine.name for engine in ENGINES])}")


def engine_of(settings: Settings, port: int = 0) -> Engine:
    """The engine that the settings name, coming up, with what they say of it; on a free port for 0.

    Raises:
        SettingsError: there is no engine of that name, or it has no such account or region.
        EngineError: a setting that it needs is missing or wrong, or cannot be met here.
    """
    kind = kind_of(settings.engine)
    check_place(settings)
    check_isolation(settings)
    return kind.open(Options.of(settings, port))


def kind_of(name: str) -> EngineKind:
    """The engine of that name. Raises SettingsError, which lists the known ones."""
    try:
        return engine_named(name)
    except LookupError as error:
        raise SettingsError(str(error.args[0])) from None
