"""What each command does. Each takes the parsed arguments and gives an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.engine import ENGINES, engine_named
from harness.engine.base import Availability, Engine, EngineError, Options
from harness.engine.localstack.install import VERSIONS, Environment
from harness.scenario.discover import discover
from harness.scenario.load import load
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError, load_settings
from harness.stack.choice import check_templates


def run(arguments: argparse.Namespace) -> int:
    """Run scenarios; 1 when one of them is not as expected."""
    settings = _settings(arguments)
    scenarios = _scenarios(arguments.paths, settings)
    with _launched(settings, scenarios) as engine:
        from harness.cli.run import run_scenarios  # noqa: PLC0415  (takes a while, in which the engine comes up)

        return run_scenarios(scenarios, engine, settings, arguments)


def validate(arguments: argparse.Namespace) -> int:
    """Check scenario files."""
    scenarios = _scenarios(arguments.paths, _settings(arguments))
    print(f"{len(scenarios)} scenario{'s' * (len(scenarios) != 1)} valid")
    return 0


def show_list(arguments: argparse.Namespace) -> int:
    """List scenarios."""
    scenarios = _scenarios(arguments.paths, _settings(arguments))
    width = max(len(str(s.path)) for s in scenarios)
    for scenario in scenarios:
        tags = f"  [{', '.join(scenario.tags)}]" if scenario.tags else ""
        print(f"{scenario.path!s:{width}}  {scenario.title}{tags}")
    return 0


def up(arguments: argparse.Namespace) -> int:
    """Start an engine, seeded and deployed, and stay."""
    settings = _settings(arguments)
    scenario = _one_scenario(arguments.path, settings) if arguments.path else None
    with _launched(settings, [scenario] if scenario else []) as engine:
        from harness.cli.up import stay_up  # noqa: PLC0415  (as above)

        return stay_up(scenario, engine, settings, as_json=arguments.json)


def compare(arguments: argparse.Namespace) -> int:
    """Run scenarios on several engines; 1 when they differ in a way that is not known."""
    settings = _settings(arguments)
    scenarios = _scenarios(arguments.paths, settings)
    engines = [_engine_named(name, settings) for name in arguments.engines]
    check_templates(scenarios, settings)

    from harness.cli.compare import compare_engines  # noqa: PLC0415  (the checks above are quick)

    return compare_engines(scenarios, engines, settings, arguments.json)


def sweep(arguments: argparse.Namespace) -> int:
    """Play a scenario with every single fault; 1 when an invariant does not hold."""
    settings = _settings(arguments)
    scenario = _one_scenario(arguments.path, settings)
    with _launched(settings, [scenario]) as engine:
        from harness.cli.sweep import sweep_scenario  # noqa: PLC0415  (as above)
        from harness.sweep.sweep import Selection  # noqa: PLC0415

        selection = Selection(arguments.point, tuple(arguments.kind), arguments.pairs, arguments.seed)
        return sweep_scenario(
            scenario, engine, settings, selection, workers=arguments.n, json_file=arguments.json
        )


def engines(arguments: argparse.Namespace) -> int:
    """Show the engines."""
    options = _options(_settings(arguments))
    for engine in ENGINES:
        try:
            found = engine.configured(options).availability()
        except EngineError as error:
            found = Availability(False, str(error))
        state = "usable" if found.usable else "not usable"
        print(f"{engine.name:20} {state:11} {found.detail}  ({engine.summary})")
        if found.remedy:
            print(f"{'':33}{found.remedy}")
    return 0


def install(arguments: argparse.Namespace) -> int:
    """Install LocalStack for the engine localstack-host."""
    begin = time.monotonic()
    Environment(arguments.version).install(lambda text: print(text, flush=True))
    print(f"ready in {time.monotonic() - begin:.0f} s: harness run --engine localstack-host")
    return 0


def uninstall(arguments: argparse.Namespace) -> int:
    """Remove what `install` made, of one version or of all."""
    for version in [arguments.version] if arguments.version else VERSIONS:
        environment = Environment(version)
        state = "removed" if environment.uninstall() else "was not there:"
        print(f"{state} {environment.folder}")
    return 0


def schema(_: argparse.Namespace) -> int:
    """Print the JSON Schema."""
    from harness.scenario.schema import json_text  # noqa: PLC0415

    print(json_text(), end="")
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    return load_settings(
        Path.cwd(), os.environ, getattr(arguments, "engine", None), getattr(arguments, "endpoint_url", None)
    )


def _options(settings: Settings) -> Options:
    return Options(settings.endpoint_url, settings.localstack_version)


@contextmanager
def _launched(settings: Settings, scenarios: Sequence[Scenario]) -> Iterator[Engine]:
    """The engine, coming up; all that can be known to be wrong has been found before."""
    engine = _engine_named(settings.engine, settings)
    check_templates(scenarios, settings)
    try:
        engine.launch()
        yield engine
    finally:
        engine.stop()


def _engine_named(name: str, settings: Settings) -> Engine:
    try:
        return engine_named(name).configured(_options(settings))
    except LookupError as error:
        raise SettingsError(str(error.args[0])) from None


def _scenarios(paths: Sequence[Path], settings: Settings) -> tuple[Scenario, ...]:
    found = discover(paths or [_relative(folder) for folder in settings.scenarios])
    for sentence in found.left:
        print(sentence, file=sys.stderr)
    return load(found.files)


def _one_scenario(path: Path, settings: Settings) -> Scenario:
    scenarios = _scenarios([path], settings)
    if len(scenarios) > 1:
        raise SettingsError(
            f"{path} has {len(scenarios)} scenarios; name one of them, such as {scenarios[0].path}"
        )
    return scenarios[0]


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
