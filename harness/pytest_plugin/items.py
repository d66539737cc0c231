"""Scenario files as pytest items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.explaining import with_codes
from harness.printable import one_line, printable
from harness.pytest_plugin.code_covering import record_lines
from harness.pytest_plugin.covering import record
from harness.pytest_plugin.html import keep_problems, keep_result
from harness.pytest_plugin.state import (
    LEFT_ALONE,
    explained,
    harness_session,
    own_path,
    projects_of,
    shown,
)
from harness.pytest_plugin.told import REPRODUCE, explanation, tell
from harness.settings import SettingsError

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from harness.report.causes import Cause
    from harness.report.model import Result
    from harness.scenario.model import Scenario

CAUSES = pytest.StashKey[dict["Cause", Path]]()
"""Causes of failures that this process has already explained, with their scenarios."""
NOWHERE = (
    "its parent folders, and those of the working directory, have no pyproject.toml with a [tool.harness] "
    "table"
)


def is_scenario(file: Path, parent: pytest.Collector) -> bool:
    """Return whether to collect a YAML file. If it looks like a scenario but is skipped, record the reason.

    A file is collected if it is in its project's `scenarios` folders and has `title` or `expect` at the top
    level. This ensures that broken scenarios are reported. A file specified on the command line needs both
    keys.

    Raises:
        CollectError: the project's settings are invalid.
    """
    with own_path():
        from harness.scenario.discover import keys_at_top, no_scenario  # noqa: PLC0415

        projects = projects_of(parent.config)
        try:
            settings = projects.above(file)
            named = parent.session.isinitpath(file)
            nowhere = named and settings is None and projects.above(Path.cwd()) is None
        except SettingsError as error:
            raise parent.CollectError(with_codes(str(error), error.code)) from None
        place = file.parent.resolve() / file.name
        folders = settings.scenarios if settings else ()
        if any(place.is_relative_to(folder) for folder in folders):
            wanted, why = bool(keys_at_top(file)), no_scenario(file)
        elif named:
            why = no_scenario(file) or (nowhere and NOWHERE) or ""
            wanted = not why
        else:
            return False
    if not wanted:
        parent.config.stash.setdefault(LEFT_ALONE, {})[f"{shown(file)} is ignored: {why}"] = None
    return wanted


def uses_an_engine(item: pytest.Item) -> bool:
    """Return whether an item is a scenario, or a test with a fixture that needs an engine."""
    return isinstance(item, ScenarioItem) or "harness_clients" in getattr(item, "fixturenames", ())


class ScenarioFile(pytest.File):
    """A scenario file."""

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path) -> ScenarioFile:
        """Return a file's collector. Its node ID is printed, so it must not contain control characters."""
        root = parent.config.rootpath
        within = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
        nodeid = one_line(within) if one_line(within) != within else None
        return cls.from_parent(parent, path=path, name=one_line(within), nodeid=nodeid)

    def collect(self) -> Iterator[pytest.Item]:
        """Collect the file's only scenario. Its tags become markers."""
        with own_path():
            from harness.expect.project import load_scenarios  # noqa: PLC0415
            from harness.lint.scenarios import check_first  # noqa: PLC0415
            from harness.scenario.load import ScenarioError  # noqa: PLC0415

            try:
                settings_of = projects_of(self.config).of
                (scenario,) = load_scenarios([shown(self.path)], settings_of)
                check_first([scenario], settings_of, start=False)
            except (ScenarioError, SettingsError) as error:
                keep_problems(self.config, error)
                raise self.CollectError(printable(with_codes(str(error), error.code))) from None
        item = ScenarioItem.from_parent(self, name=one_line(scenario.title), scenario=scenario)
        for tag in scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: scenarios with this tag")
            item.add_marker(tag)
        yield item


class ScenarioFailed(Exception):
    """The scenario's results were not as expected."""

    def __init__(self, result: Result):
        super().__init__(result.scenario.title)
        self.result = result


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, name: str, parent: ScenarioFile, scenario: Scenario):
        super().__init__(name, parent)
        self.scenario = scenario

    def runtest(self) -> None:
        """Run the scenario on this session's engine."""
        with explained():
            settings = projects_of(self.config).of(self.path)
            result = harness_session(self.config).run(self.scenario, settings)
        record(self.config, result.observation, self.path)
        record_lines(self.config, result.observation)
        keep_result(self.config, result)
        tell(self, result)
        if result.outcome == "skipped":
            pytest.skip(result.reason)
        if result.outcome != "passed":
            self.user_properties.append((REPRODUCE, one_line(result.reproduce)))
            raise ScenarioFailed(result)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str | TerminalRepr:
        """Return the same explanation as `harness run`. A traceback is included only for a bug in the
        harness.
        """
        if not isinstance(excinfo.value, ScenarioFailed):
            return super().repr_failure(excinfo)
        with own_path():
            from harness.report.causes import cause_of  # noqa: PLC0415
            from harness.report.failure import failure_text, first_line  # noqa: PLC0415

        result = excinfo.value.result
        cause, told = cause_of(result), self.config.stash.setdefault(CAUSES, {})
        like = told.setdefault(cause, shown(self.path)) if cause else None
        before = "" if like in (None, shown(self.path)) else str(like)
        text = failure_text(result, reproduce=False, like=before)
        return explanation(text, one_line(self.path), printable(first_line(result)))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the position for the summary."""
        return Path(one_line(self.path)), 0, self.name
