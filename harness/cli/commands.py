"""The commands. Each one takes the parsed arguments and returns an exit code."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.choosing import PlaysNothing, choose, expression, most_failures, record_of
from harness.cli.code_covering import code_report
from harness.cli.console import say_beside
from harness.cli.covering import coverage_of, covers
from harness.cli.refusing import refusals_told
from harness.cli.with_command import check_command
from harness.engine import ENGINES, engine_of, isolation, kind_of, pythons
from harness.engine.base import Engine, EngineError, Options
from harness.engine.localstack.install import VERSIONS, Environment
from harness.engine.moto.engine import MotoEngine
from harness.exit_codes import PASSED
from harness.expect.project import expectations_of, load_scenarios
from harness.files import is_folder, is_there, path_remedy
from harness.functions.host.pythons import INSTALLABLE as PYTHONS
from harness.functions.host.pythons import PythonRuntime, version_of
from harness.functions.shared.model import Measures
from harness.functions.shared.seccomp import unavailable
from harness.lint.scenarios import check_all, check_first
from harness.printable import one_line, say
from harness.projects import Projects
from harness.report import STDOUT
from harness.scenario.discover import discover
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.sweep.network import refuse_network

if TYPE_CHECKING:
    from harness.bundle.reads import Reads
    from harness.cli.reloading import Reloading
    from harness.debugging.editors import AnyDebugging
    from harness.report.base import Reporter

START = """\
{folder}: no project found: no pyproject.toml with a [tool.harness] table in this folder or
above it, and no folder scenarios/. To begin, write
  pyproject.toml             [tool.harness]
                             template = "template.yaml"
  scenarios/first.yaml       title: It succeeds
                             run: {{input: {{}}}}
                             expect: {{execution: {{status: SUCCEEDED}}}}
and run it with: harness run
Or name scenarios in another folder: harness run PATH"""


def run(arguments: argparse.Namespace, reads: Reads | None = None) -> int:
    """Run scenarios. Return 1 if any result is not as expected. With `reads`, write a bundle."""
    projects = _projects(arguments)
    record = record_of(projects)
    with refusals_told(arguments):
        scenarios = choose(arguments, _scenarios(arguments.paths, projects), record)
    if not scenarios:
        from harness.cli.run import run_scenarios  # noqa: PLC0415  (start-up)

        return run_scenarios(scenarios, PlaysNothing(), arguments)
    number = min(arguments.n, len(scenarios))
    with_all = covers(arguments) or arguments.html is not None  # both require definitions
    code = code_report(arguments, projects.engine(scenario.path for scenario in scenarios))
    measures: Measures = code.measures if code else ""
    more = (record, *_bundle(arguments, projects, scenarios, reads))
    if number > 1:
        with refusals_told(arguments):
            _check_first(projects, scenarios, start=False)
        from harness.cli.playing import SideBySide  # noqa: PLC0415  (the check is quick)
        from harness.cli.run import run_scenarios  # noqa: PLC0415

        playing = SideBySide(
            scenarios, projects, number, twice=arguments.twice, definitions=with_all, measures=measures
        )
        return run_scenarios(scenarios, playing, arguments, code, more)
    debugging = None if code else _debugging(arguments, projects, scenarios)
    with ExitStack() as engines:
        with refusals_told(arguments):
            needed = 1 + arguments.twice
            launched = [engines.enter_context(_launched(projects, scenarios)) for _ in range(needed)]
        # This import takes a while; the engine starts in the meantime.
        from harness.cli.playing import OneByOne  # noqa: PLC0415
        from harness.cli.run import run_scenarios  # noqa: PLC0415

        playing_here = OneByOne(
            projects.of, *launched, definitions=with_all, measures=measures, debugging=debugging
        )
        return run_scenarios(scenarios, playing_here, arguments, code, more)


def _debugging(
    arguments: argparse.Namespace, projects: Projects, scenarios: Sequence[Scenario]
) -> AnyDebugging | None:
    """Create the run's debugger. Import it only if debugging is possible."""
    if not (arguments.breaks or arguments.debugpy or sys.stdin.isatty()):
        return None
    from harness.cli.debugging import debugging_of, editing_of  # noqa: PLC0415  (most runs do not need it)

    engine = projects.engine(scenario.path for scenario in scenarios).engine
    if arguments.debugpy:
        return editing_of(arguments.debugpy, engine, waits=True)
    return debugging_of(arguments.breaks, engine, scenarios, projects.of)


def _bundle(
    arguments: argparse.Namespace, projects: Projects, scenarios: Sequence[Scenario], reads: Reads | None
) -> Sequence[Reporter]:
    if reads is None:
        return ()
    from harness.cli.bundling import bundle_of  # noqa: PLC0415  (most runs do not need it)

    return (bundle_of(arguments.bundle, projects, scenarios, reads),)


def validate(arguments: argparse.Namespace) -> int:
    """Validate scenario files and their templates."""
    projects = _projects(arguments)
    scenarios = _scenarios(arguments.paths, projects)
    warnings = check_all(scenarios, projects.of)
    if arguments.warnings:
        say(*warnings, end="\n" * bool(warnings))
    say(f"{len(scenarios)} scenario{'s' * (len(scenarios) != 1)} valid")
    return 0


def show_list(arguments: argparse.Namespace) -> int:
    """List scenarios."""
    projects = _projects(arguments)
    scenarios = choose(arguments, _scenarios(arguments.paths, projects), record_of(projects))
    width = max((len(one_line(s.path)) for s in scenarios), default=0)
    for scenario in scenarios:
        tags = f"  [{', '.join(scenario.tags)}]" if scenario.tags else ""
        say_beside(f"{one_line(scenario.path):{width}}  ", f"{one_line(scenario.title)}{one_line(tags)}")
    return 0


def up(arguments: argparse.Namespace) -> int:
    """Start an engine, seed it, deploy the scenario, and keep running until stopped."""
    if arguments.reload and not arguments.path:
        raise SettingsError(
            "--reload: an empty engine has nothing to reload; add a scenario, or omit --reload"
        )
    projects = _projects(arguments)
    reloading = _reloading(arguments) if arguments.reload else None
    scenario = _one_scenario(arguments.path, projects) if arguments.path else None
    if arguments.call is not None:
        check_command(arguments.call)
    with (
        reloading or nullcontext(),
        _launched(projects, [scenario] if scenario else [], arguments.port) as engine,
    ):
        from harness.cli.up import Visitors, stay_up  # noqa: PLC0415  (as above)

        settings = projects.of(scenario.path) if scenario else projects.here
        visitors = Visitors(arguments.open, tuple(arguments.cors))
        return stay_up(
            scenario,
            engine,
            settings,
            visitors,
            clock=arguments.clock,
            as_json=arguments.json,
            command=arguments.call,
            page=not arguments.no_page,
            reloading=reloading,
            debugging=_debugging_up(arguments, engine),
        )


def _debugging_up(arguments: argparse.Namespace, engine: Engine) -> AnyDebugging | None:
    """Let a user at the terminal or in an editor debug functions while the engine is up.

    At the terminal, `q` ends only the invocation. No prompt appears if a command uses the terminal.
    """
    if arguments.debugpy:
        from harness.cli.debugging import editing_of  # noqa: PLC0415  (most engines are not debugged)

        return editing_of(arguments.debugpy, engine.name, waits=False)
    if arguments.call or not sys.stdin.isatty():
        return None
    from harness.cli.debugging import debugging_up  # noqa: PLC0415  (as above)

    return debugging_up(engine)


def _reloading(arguments: argparse.Namespace) -> Reloading:
    from harness.cli.reloading import Reloading  # noqa: PLC0415  (start-up)

    def load() -> tuple[Scenario, Settings]:
        projects = _projects(arguments)
        scenario = _one_scenario(arguments.path, projects)
        return scenario, projects.of(scenario.path)

    return Reloading(load)


def compare(arguments: argparse.Namespace) -> int:
    """Run scenarios on several engines. Return 1 if there are unknown differences."""
    projects = _projects(arguments)
    scenarios = choose(arguments, _scenarios(arguments.paths, projects), record_of(projects))
    if not scenarios:
        return PASSED
    settings = projects.engine((s.path for s in scenarios), arguments.engines)
    for name in arguments.engines:
        kind_of(name)
    engines = {name: partial(engine_of, replace(settings, engine=name)) for name in arguments.engines}
    check_first(scenarios, projects.of)
    _check_usable(arguments.engines, Options.of(settings))

    from harness.cli.compare import compare_engines  # noqa: PLC0415  (the checks above are quick)

    return compare_engines(scenarios, engines, projects.of, arguments.json, arguments.allow_skipped)


def sweep(arguments: argparse.Namespace) -> int:
    """Run a scenario once for each possible fault. Return 1 if an invariant is violated."""
    projects = _projects(arguments)
    scenario = _one_scenario(arguments.path, projects)
    refuse_network(projects.of(scenario.path), allowed=arguments.allow_network)
    if arguments.update_from is not None:
        return _sweep_updates(arguments, projects, scenario)
    with _launched(projects, [scenario]) as engine:
        from harness.cli.sweep import sweep_scenario  # noqa: PLC0415  (as above)
        from harness.sweep.sweep import Selection  # noqa: PLC0415

        selection = Selection(
            arguments.point,
            tuple(arguments.kind),
            arguments.pairs,
            arguments.seed or 0,
            arguments.allow_network,
            expression(arguments.k, "-k"),
            arguments.shard,
        )
        return sweep_scenario(
            scenario,
            engine,
            projects.of(scenario.path),
            selection,
            workers=arguments.n,
            json_file=arguments.json,
            verbose=arguments.verbose,
            most=most_failures(arguments),
            coverage=coverage_of(arguments, sys.stderr if arguments.json == STDOUT else sys.stdout),
        )


def _sweep_updates(arguments: argparse.Namespace, projects: Projects, scenario: Scenario) -> int:
    from harness.cli.updates import old_sides, refuse_others, sweep_scenario  # noqa: PLC0415  (start-up)
    from harness.sweep.updates.sweep import Selection  # noqa: PLC0415

    refuse_others(arguments)
    settings = projects.of(scenario.path)
    with (
        old_sides(scenario, settings, arguments.update_from, projects.options) as sides,
        _launched(projects, [scenario]) as engine,
    ):
        selection = Selection(arguments.point, arguments.allow_network)
        return sweep_scenario(sides, engine, selection, workers=arguments.n, json_file=arguments.json)


def config(arguments: argparse.Namespace) -> int:
    """Show each setting with its value and its origin."""
    from harness.cli.config import show_settings  # noqa: PLC0415  (reads the template)

    projects = _projects(arguments)
    if arguments.path is not None and not is_there(arguments.path):
        remedy = path_remedy(arguments.path)
        raise SettingsError(f"{arguments.path}: file or folder not found; {remedy}")
    show_settings(projects.of(arguments.path) if arguments.path else projects.here)
    return 0


def projects(arguments: argparse.Namespace) -> int:
    """Show the workflows in a folder and how each would be run, without starting anything."""
    from harness.cli.projects import show_projects  # noqa: PLC0415  (start-up)

    if not is_folder(arguments.folder):
        raise SettingsError(f"{arguments.folder}: folder not found; specify the path of a checkout")
    return show_projects(arguments.folder, _projects(arguments).here.engine)


def engines(arguments: argparse.Namespace) -> int:
    """Show the engines, the Python versions for declared runtimes, and the isolation level for functions."""
    options = Options.of(_projects(arguments).here)
    for engine in ENGINES:
        found = engine.availability_with(options)
        _show_state(engine.name, found.usable, f"{found.detail}  ({engine.summary})", found.remedy)
    missing = unavailable()
    _show_state("guard", not missing, missing or _GUARDS, _WITHOUT_GUARD if missing else "")
    for version in PYTHONS:
        usable, detail, remedy = pythons.state(PythonRuntime(version))
        _show_state(f"python{version}", usable, f"{detail}  (runs the functions that declare it)", remedy)
    found = isolation.state()
    use = "isolate the functions' files" if found.usable else "Python isolates the functions' files"
    _show_state("isolation", found.usable, f"{found.detail}  ({use})", found.remedy)
    return 0


_GUARDS = "seccomp (restricts network access and memory for programs that functions start)"
_WITHOUT_GUARD = "functions are restricted, but programs that they start are not"


def _show_state(name: str, usable: bool, detail: str, remedy: str) -> None:
    say_beside(f"{name:20} {'usable' if usable else 'not usable':11} ", detail)
    if remedy:
        say_beside(" " * 33, remedy)


def install(arguments: argparse.Namespace) -> int:
    """Install LocalStack for the engine localstack-host, or a Python runtime for functions."""
    from harness.cli.progress_line import progress_line  # noqa: PLC0415  (rich takes a while to import)

    begin = time.monotonic()
    runtime = _runtime(arguments)
    with progress_line(sys.stderr) as told:
        if runtime:
            pythons.install(runtime, partial(say, flush=True), told)
            use = f"functions that declare python{runtime.version} run on it"
        else:
            Environment(arguments.version or VERSIONS[0]).install(partial(say, flush=True), told)
            use = "harness run --engine localstack-host"
    say(f"ready in {time.monotonic() - begin:.0f} s: {use}")
    return 0


def uninstall(arguments: argparse.Namespace) -> int:
    """Remove the files that `install` created, for one version or for all."""
    if runtime := _runtime(arguments):
        _show_removed(pythons.uninstall(runtime), runtime.folder)
        return 0
    for version in [arguments.version] if arguments.version else VERSIONS:
        environment = Environment(version)
        _show_removed(environment.uninstall(), environment.folder)
    return 0


def _runtime(arguments: argparse.Namespace) -> PythonRuntime | None:
    """Return the runtime to install or remove; None for LocalStack."""
    version = version_of(arguments.what)
    if version and arguments.version:
        raise SettingsError(f"--version applies to LocalStack only; omit it for {arguments.what}")
    return PythonRuntime(version) if version else None


def _show_removed(was_there: bool, folder: Path) -> None:
    say(f"{'removed' if was_there else 'was not there:'} {folder}")


def schema(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema for this project's scenario files."""
    from harness.scenario.model import scenario_model  # noqa: PLC0415
    from harness.scenario.schema import json_text  # noqa: PLC0415

    say(json_text(scenario_model(expectations_of(_projects(arguments).here))), end="")
    return 0


def _projects(arguments: argparse.Namespace) -> Projects:
    return Projects(dict(os.environ), options_in(arguments))


@contextmanager
def _launched(projects: Projects, scenarios: Sequence[Scenario], port: int = 0) -> Iterator[Engine]:
    """Run all checks that do not need an engine, then start it."""
    settings = _check_first(projects, scenarios)
    if port:
        _check_port(port, settings)
    engine = engine_of(settings, port)
    try:
        yield engine
    finally:
        engine.stop()


def _check_port(port: int, settings: Settings) -> None:
    """Reject a port that this engine cannot use.

    Raises:
        SettingsError: the port is in use or not permitted, or the engine selects its own port.
    """
    if settings.engine != MotoEngine.name:
        raise SettingsError(f"--port: {settings.engine} selects its own port; omit it, or use --engine moto")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(f"--port {port}: {error.strerror}; use another port, or omit it") from error


def _check_first(projects: Projects, scenarios: Sequence[Scenario], *, start: bool = True) -> Settings:
    """Run all checks that do not need an engine, and return the engine's settings."""
    settings = projects.engine(scenario.path for scenario in scenarios)
    kind_of(settings.engine)
    check_first(scenarios, projects.of, start=start)
    return settings


def _check_usable(names: Sequence[str], options: Options) -> None:
    """Check that every engine works on this machine before running any scenario.

    Raises:
        EngineError: one or more engines do not work. The message lists them.
    """
    found = {name: kind_of(name).availability_with(options) for name in names}
    problems = [
        f"{name}: {'; '.join(filter(None, (state.detail, state.remedy)))}"
        for name, state in found.items()
        if not state.usable
    ]
    if problems:
        raise EngineError("\n".join([*problems, "nothing was run; omit this engine, or fix it"]))


def _scenarios(paths: Sequence[Path], projects: Projects) -> tuple[Scenario, ...]:
    if not paths and (start := how_to_begin(projects)):
        raise SettingsError(start)
    found = discover(paths or [_relative(folder) for folder in projects.here.scenarios])
    for sentence in found.left:
        say(one_line(sentence), file=sys.stderr)
    return load_scenarios(found.files, projects.of)


def how_to_begin(projects: Projects) -> str:
    """Return the first steps if neither a project nor a scenario folder exists; "" otherwise."""
    if projects.above(Path.cwd()) is not None or any(is_folder(path) for path in projects.here.scenarios):
        return ""
    return START.format(folder=Path.cwd())


def _one_scenario(path: Path, projects: Projects) -> Scenario:
    scenarios = _scenarios([path], projects)
    if len(scenarios) > 1:
        raise SettingsError(
            f"{path} has {len(scenarios)} scenarios; name one of them, for example {scenarios[0].path}"
        )
    return scenarios[0]


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
