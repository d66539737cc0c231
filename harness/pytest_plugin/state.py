"""The state of a pytest process: its projects, its single engine, and the harness's import path."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import EngineLacksError, HarnessError
from harness.explaining import with_codes
from harness.hidden import without_secrets
from harness.projects import Projects
from harness.pytest_plugin.debugging import debugging_for
from harness.pytest_plugin.options import OPTION, PREFIX, needs_definitions
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in

if TYPE_CHECKING:
    from harness.debugging.editors import AnyDebugging
    from harness.session import Session

SESSION = pytest.StashKey["Session"]()
DEBUGGING: pytest.StashKey[AnyDebugging] = pytest.StashKey()
PROJECTS = pytest.StashKey[Projects]()
ENGINE = pytest.StashKey[Settings | SettingsError]()
LEFT_ALONE = pytest.StashKey[dict[str, None]]()
"""Sentences about YAML files that are not scenarios."""
NO_ENGINE = 3  # as on the harness command line

# pytest prepends the folders of conftest.py and of test modules, including any `queue.py` in them.
_PATH = tuple(sys.path)


@contextmanager
def own_path() -> Iterator[None]:
    """Import from the harness's original location, not from folders that contain tests."""
    before = list(sys.path)
    sys.path[:] = _PATH
    try:
        yield
    finally:
        sys.path[:] = before


@contextmanager
def explained() -> Iterator[None]:
    """Use the harness. A user error fails the test with a message instead of a traceback."""
    with own_path():
        try:
            yield
        except EngineLacksError as error:
            raise pytest.skip.Exception(str(error)) from None
        except HarnessError as error:
            message = without_secrets(with_codes(str(error), error.code))
        else:
            return
    raise pytest.fail.Exception(message, pytrace=False) from None


def projects_of(config: pytest.Config) -> Projects:
    """This process's projects."""
    if PROJECTS not in config.stash:
        config.stash[PROJECTS] = Projects(os.environ, options_in(config.option, PREFIX), OPTION.format(""))
    return config.stash[PROJECTS]


def harness_settings(config: pytest.Config, path: Path) -> Settings:
    """Return the settings of the project that contains a test or scenario."""
    return projects_of(config).of(path)


def choose_engine(config: pytest.Config, used: Sequence[Path]) -> None:
    """Select the engine for the files of all items that use one.

    Raises:
        UsageError: their projects require different engines. An xdist worker cannot exit with this error, so
            each item fails instead.
    """
    try:
        if used:
            config.stash[ENGINE] = projects_of(config).engine(used)
    except SettingsError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(with_codes(str(error), error.code)) from None
        config.stash[ENGINE] = error


def harness_session(config: pytest.Config) -> Session:
    """Return this process's only session. It is created on first use.

    Raises:
        SettingsError: the engine is unknown, a setting is invalid, or the projects require different engines.
    """
    if SESSION not in config.stash:
        settings = config.stash[ENGINE] if ENGINE in config.stash else projects_of(config).here
        if isinstance(settings, SettingsError):
            raise settings
        with own_path():
            from harness.code_coverage.joining import measures_of, running  # noqa: PLC0415
            from harness.engine import engine_of  # noqa: PLC0415
            from harness.session import Session  # noqa: PLC0415

            engine = engine_of(settings)
            measures = measures_of(running()) if engine.measures_code else ""
            session = Session(engine, definitions=needs_definitions(config), measures=measures)
            if debugger := debugging_for(config, engine, measures=bool(measures)):
                session.debugger = config.stash[DEBUGGING] = debugger
            config.stash[SESSION] = session
    return config.stash[SESSION]


def stop_engine(config: pytest.Config) -> None:
    """Stop the engine, if there is one."""
    if SESSION in config.stash:
        config.stash[SESSION].engine.stop()
    if DEBUGGING in config.stash:
        config.stash[DEBUGGING].desk.close()


def shown(path: Path) -> Path:
    """Return a path as in `harness run`: relative if it is below the working directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
