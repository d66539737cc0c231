"""Run a bundle in its sandbox: run its scenarios and compare the results with the bundle's records."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.bundle.cell import SEEN_AT
from harness.bundle.differences import Difference, first_difference, other_pythons
from harness.bundle.manifest import MANIFEST, PROJECT, Manifest, Played
from harness.bundle.records import record_of
from harness.bundle.secrets import places_of, without_places
from harness.bundle.settings import options_of
from harness.bundle.versions import other_versions, versions
from harness.cli import stopping
from harness.cli.arguments import parse
from harness.cli.play import guarded
from harness.cli.playing import OneByOne
from harness.cli.run import run_scenarios
from harness.engine import engine_of
from harness.exit_codes import FAILED, INTERRUPTED, OTHER_HISTORIES
from harness.expect.project import load_scenarios
from harness.json_types import JsonObject
from harness.lint.scenarios import check_first
from harness.printable import one_line, say
from harness.projects import Projects
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError

_ENVIRON = {"HARNESS_ENGINE": "moto", "HARNESS_ISOLATION": "required"}


def main() -> int:
    """Run the bundle in the working directory. The argument is a JSON object with the command's options."""
    with stopping.listening():
        try:
            return guarded(lambda: _play(Path(SEEN_AT), json.loads(sys.argv[1])))
        except KeyboardInterrupt:
            return INTERRUPTED


def _play(root: Path, options: Mapping[str, Any]) -> int:
    manifest = Manifest.read((root / MANIFEST).read_bytes())
    projects = Projects(_ENVIRON, options_of(manifest.settings))

    def settings_of(path: Path) -> Settings:
        return replace(projects.of(path), lint=False, network=())  # already checked

    played = {_from_here(root / PROJECT / each.file): each for each in manifest.scenarios}
    scenarios = load_scenarios(played, settings_of)
    try:
        check_first(scenarios, settings_of, start=False)
    except SettingsError as error:
        raise SettingsError(f"{error}{_remedy(manifest)}") from error
    engine = engine_of(replace(projects.engine(played), lint=False, network=()))
    comparison = Comparison(root, manifest, played)
    arguments = parse(["run"])
    arguments.verbose = options["verbose"]
    vars(arguments).update({name: Path(file) for name, file in options["files"].items()})
    playing = _Again(settings_of, engine, options["bundle"])
    code = run_scenarios(scenarios, playing, arguments, more=[comparison])
    return OTHER_HISTORIES if comparison.differs and code <= FAILED else code


def _remedy(manifest: Manifest) -> str:
    """Return a line about the packages installed for functions, which may not work with other Python
    versions.
    """
    if not manifest.installed or not other_versions(manifest.versions, versions()):
        return ""
    python, system = (manifest.versions.get(name, "?") for name in ("python", "system"))
    return (
        f"\nthe bundle contains packages for Python {python} on {system}, and no packages are "
        "installed while it runs; run it with those versions"
    )


def _from_here(path: Path) -> Path:
    """Return the path, made relative if it is inside the working directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


class _Again(OneByOne):
    """Run scenarios. Their results contain the command that runs the bundle."""

    def __init__(self, settings_of: Callable[[Path], Settings], engine: Any, command: str) -> None:
        super().__init__(settings_of, engine)
        self._command = command

    def play(self, scenario: Scenario, settings: Settings) -> Result:
        """Run one scenario."""
        return replace(super().play(scenario, settings), reproduce=self._command)


class Comparison:
    """Compare scenario records with those in a bundle. Print the outcome at the end."""

    def __init__(self, root: Path, manifest: Manifest, played: Mapping[Path, Played]) -> None:
        self._root = root
        self._manifest = manifest
        self._played = played
        self._places = places_of(root / PROJECT, os.environ)
        self._same = 0
        self._pythons: dict[str, None] = {}
        self._lines: list[str] = []
        self.differs = False

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Do nothing: the screen shows it."""

    def scenario_started(self, scenario: Scenario) -> None:
        """Do nothing: the screen shows it."""

    def scenario_finished(self, result: Result) -> None:
        """Compare the result."""
        kept = self._played[result.scenario.path]
        name = one_line(result.scenario.path)
        if not kept.compared or result.scenario.clock == "real":
            self._lines.append(f"not compared: {name} (its runs are never identical)")
            return
        if result.broke:
            self._lines.append(f"not compared: {name} (it did not complete)")
            return
        record: JsonObject = json.loads((self._root / kept.record).read_bytes())
        seen = record_of(result, lambda text: without_places(text, self._places))
        self._pythons |= dict.fromkeys(other_pythons(record, seen))
        found = first_difference(record, seen)
        if found is None:
            self._same += 1
            return
        self.differs = True
        self._lines += self._told(name, found)

    def finished(self) -> None:
        """Print the outcome."""
        if self._same:
            scenarios = f"{self._same} scenario{'s' * (self._same != 1)}"
            say(f"same histories as in the bundle, bit for bit: {scenarios}")
        say(*self._lines, end="\n" * bool(self._lines))
        say(*(one_line(each) for each in self._pythons), end="\n" * bool(self._pythons))
        if self.differs and not self._pythons and not other_versions(self._manifest.versions, versions()):
            beside = "".join(f"; {sentence}" for sentence in self._manifest.left_out)
            say(
                "All versions match those in the bundle: something depends on randomness, the time or the "
                f"machine. `harness run --twice` in the project finds it{one_line(beside)}"
            )

    @staticmethod
    def _told(name: str, found: Difference) -> list[str]:
        return [
            f"different histories: {name}: {one_line(found.sentence)}",
            f"  in the bundle: {one_line(found.kept)}",
            f"  here:          {one_line(found.seen)}",
        ]


if __name__ == "__main__":
    sys.exit(main())
