"""The pytest plugin: scenario files become test items, and Python tests get fixtures.

This module contains only hooks. Their dependencies are imported when the first scenario is collected or the
first fixture is used.
"""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.printable import one_line
from harness.pytest_plugin.code_covering import join_lines
from harness.pytest_plugin.covering import (
    add_options,
    check,
    judge,
    packed_coverage,
    summarise_coverage,
    unpack_coverage,
)
from harness.pytest_plugin.debugging import add_debugpy_option, check_debugpy
from harness.pytest_plugin.fixtures import (
    harness_clients,
    harness_run,
    harness_stack,
    harness_swept,
    stack_fixture,
)
from harness.pytest_plugin.html import add_html_option, packed_results, unpack_results, write_html
from harness.pytest_plugin.not_run import NotRun
from harness.pytest_plugin.options import OPTION, PREFIX, options, translate
from harness.pytest_plugin.running import Runner, unjudged
from harness.pytest_plugin.state import (
    LEFT_ALONE,
    NO_ENGINE,
    choose_engine,
    harness_session,
    harness_settings,
    own_path,
    stop_engine,
)
from harness.pytest_plugin.told import packed, summarise, unpack

if TYPE_CHECKING:
    from harness.workflow.outside_task import OutsideTask
    from harness.workflow.result import Result as RunResult
    from harness.workflow.started import StartedRun

__all__ = [
    "OutsideTask",
    "RunResult",
    "Runner",
    "StartedRun",
    "harness_clients",
    "harness_run",
    "harness_session",
    "harness_settings",
    "harness_stack",
    "harness_swept",
    "stack_fixture",
]

SUFFIXES = (".yaml", ".yml")
_TYPES = {
    "OutsideTask": ("harness.workflow.outside_task", "OutsideTask"),
    "RunResult": ("harness.workflow.result", "Result"),
    "StartedRun": ("harness.workflow.started", "StartedRun"),
}
"""Types for annotations in tests. They are imported only in sessions that use such annotations."""


def __getattr__(name: str) -> object:
    """Import a type when a test first refers to it."""
    if name not in _TYPES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, of = _TYPES[name]
    with own_path():
        return getattr(import_module(module), of)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for each setting that has a harness command line option."""
    group = parser.getgroup("harness", "scenarios of AWS workflows")
    for setting in options():
        alias = f" {setting.option} is the same, unless another plugin has that option."
        group.addoption(OPTION.format(setting.option[2:]), default=None, help=setting.description + alias)
    add_options(group)
    add_html_option(group)
    add_debugpy_option(group)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser, args: list[str]) -> Generator[None]:
    """Replace the short names of our options after all plugins have registered theirs."""
    yield
    translate(args, parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker for tests that sweep a scenario, and validate our own options."""
    check(config)
    check_debugpy(config)
    config.addinivalue_line(
        "markers",
        "harness_sweep(scenario, point='', kinds=(), pairs=0, seed=0, allow_network=False): the fixture "
        "`harness_swept` returns the sweep",
    )
    config.pluginmanager.register(NotRun(), "harness-not-run")
    if hasattr(config, "workerinput"):
        from harness.functions.shared.lifeline import wake_with_parent  # noqa: PLC0415  (workers only)

        wake_with_parent()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files and histories. Other YAML and JSON files are ignored."""
    if file_path.suffix == ".json":
        from harness.pytest_plugin.histories import HistoryFile, is_history  # noqa: PLC0415

        return HistoryFile.from_parent(parent, path=file_path) if is_history(file_path, parent) else None
    if file_path.suffix not in SUFFIXES:
        return None
    from harness.pytest_plugin.items import ScenarioFile, is_scenario  # noqa: PLC0415

    if not is_scenario(file_path, parent):
        return None
    return ScenarioFile.of(parent, file_path)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Select the engine from the projects of all items that use one."""
    from harness.pytest_plugin.items import uses_an_engine  # noqa: PLC0415

    choose_engine(session.config, [item.path for item in session.items if uses_an_engine(item)])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test that has not read the mismatches of a run, or did not wait for a run."""
    yield
    if text := unjudged(item):
        pytest.fail(text, pytrace=False)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Add executed lines of function code to pytest-cov's measurement, which ends right after this hook."""
    result = yield
    join_lines(session.config)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the engine in time: xdist kills workers 10 s after they have reported that they are finished."""
    from harness.engine.base import EngineError  # noqa: PLC0415

    config = session.config
    if hasattr(config, "workeroutput"):
        left = config.stash.setdefault(LEFT_ALONE, {})
        parts = (list(left), packed(config), packed_coverage(config), packed_results(config))
        config.workeroutput[PREFIX] = parts
    judge(session)
    try:
        stop_engine(config)
    except EngineError as error:
        pytest.exit(f"the engine could not be stopped: {error}", returncode=NO_ENGINE)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Merge the ignored files and the notes of an xdist worker."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    nothing = ((), (), None, ((), ()))
    left, notes, coverage, results = getattr(node, "workeroutput", {}).get(PREFIX, nothing)
    config.stash.setdefault(LEFT_ALONE, {}).update(dict.fromkeys(left))
    unpack(config, notes)
    unpack_coverage(config, coverage)
    unpack_results(config, results)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print commands that rerun failures, notes about results, and the files that are not scenarios."""
    summarise(terminalreporter, config)
    summarise_coverage(terminalreporter, config)
    write_html(terminalreporter, config)
    for sentence in config.stash.get(LEFT_ALONE, {}):
        terminalreporter.write_line(one_line(f"harness: {sentence}"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the engine, no matter how the session ended."""
    stop_engine(config)
