"""Where scenarios run. A new engine is one module (or package) and one line in `ENGINES`."""

from __future__ import annotations

from harness.engine.base import Engine, Options
from harness.engine.endpoint import EndpointEngine
from harness.engine.localstack.choice import LocalStack
from harness.engine.localstack.docker import LocalStackDocker
from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.running import LocalStackRunning
from harness.engine.ministack.engine import MiniStack
from harness.engine.moto.engine import MotoEngine
from harness.settings import Settings, SettingsError

ENGINES: tuple[type[Engine], ...] = (
    MotoEngine,
    LocalStack,
    LocalStackRunning,
    LocalStackDocker,
    LocalStackHost,
    MiniStack,
    EndpointEngine,
)


def engine_named(name: str) -> type[Engine]:
    """The engine of that name. Raises LookupError, which lists the known ones."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise LookupError(f"there is no engine {name!r}; known: {', '.join(e.name for e in ENGINES)}")


def engine_of(settings: Settings) -> Engine:
    """The engine that the settings name, with what they say of it.

    Raises:
        SettingsError: there is no engine of that name.
        EngineError: a setting that it needs is missing or wrong.
    """
    try:
        engine = engine_named(settings.engine)
    except LookupError as error:
        raise SettingsError(str(error.args[0])) from None
    return engine.configured(Options(settings.endpoint_url, settings.localstack_version))
