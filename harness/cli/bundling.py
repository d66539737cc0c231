"""`harness run --bundle FILE`: store an entire run in one zip file."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.bundle.contents import Source, entries_of
from harness.bundle.manifest import BundleError
from harness.bundle.opening import LARGEST, LARGEST_TOGETHER, MOST_FILES, opened
from harness.bundle.packing import packed
from harness.bundle.reads import Reads
from harness.bundle.settings import overrides_of
from harness.printable import one_line, say
from harness.projects import Projects
from harness.report.base import Context, FileReport
from harness.report.json_report import JsonReport
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import TABLE, SettingsError


def bundle_of(file: Path, projects: Projects, scenarios: Sequence[Scenario], reads: Reads) -> BundleReport:
    """Return the reporter that writes the bundle to a file.

    Raises:
        SettingsError: the scenarios' dependencies cannot be added to a bundle.
    """
    engine = projects.engine(scenario.path for scenario in scenarios).engine
    if engine != "moto":
        raise SettingsError(
            f"--bundle {file}: runs on the engine {engine} are never identical; use the embedded engine: "
            "--engine moto, or omit --bundle"
        )
    for scenario in scenarios:
        if network := projects.of(scenario.path).network:
            raise SettingsError(
                f"--bundle {file}: {TABLE} network = {list(network)} allows the functions of "
                f"{scenario.path} to connect to hosts that a bundle cannot contain; define their responses "
                "under hosts: in the scenario"
            )
    return BundleReport(file, reads, projects)


class BundleReport(FileReport):
    """Write the bundle after the run. It contains the scenarios that have a result."""

    def __init__(self, path: Path, reads: Reads, projects: Projects) -> None:
        super().__init__(path, Context())
        self._reads = reads
        self._projects = projects
        self._json = JsonReport(path, Context())
        self._said: list[str] = []

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Start the report that is part of the bundle."""
        super().started(scenarios, engine)
        self._json.started(scenarios, engine)

    def scenario_finished(self, result: Result) -> None:
        """Store the result."""
        super().scenario_finished(result)
        self._json.scenario_finished(result)

    def finished(self) -> None:
        """Write the bundle only if it is complete."""
        if not any(result.outcome != "skipped" for result in self.results):
            self.problem = f"{self.path}: no bundle was written: no scenario was run"
            return
        self._json.cut_short = self.cut_short
        try:
            self._write()
        except BundleError as error:
            self.problem = f"{self.path}: {error}"
        except OSError as error:
            self.problem = f"{self.path}: cannot be written ({error.strerror}); name another file"
        else:
            say(self.text(), file=sys.stderr)

    def text(self) -> str:
        """Return the lines to print about the bundle."""
        return "\n".join(self._said)

    def _write(self) -> None:
        source = Source(
            reads=self._reads,
            results=[result for result in self.results if result.outcome != "skipped"],
            settings_of=self._projects.of,
            report=self._json,
            overrides=overrides_of(self._projects.options, self._projects.environ),
            environ=os.environ,
            folder=Path.cwd(),
            without=self.path,
        )
        entries, manifest = entries_of(source)
        content = packed(entries)
        size = sum(len(entry.content) for entry in entries.values())
        if len(entries) > MOST_FILES or size > LARGEST_TOGETHER or len(content) > LARGEST:
            raise BundleError(
                f"no bundle was written: it would have {len(entries):,} files with {size:,} bytes; the "
                f"limits are {MOST_FILES:,} files and {LARGEST_TOGETHER:,} bytes; name fewer scenarios"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
        try:
            with open(handle, "wb") as file:
                file.write(content)
            with opened(Path(partial)):
                os.chmod(partial, 0o666 & ~_umask())
            os.replace(partial, self.path)
        except BaseException:
            os.unlink(partial)
            raise
        shown = one_line(self.path)
        self._said = [
            f"bundle: {shown} ({len(manifest.scenarios)} of {len(self.scenarios)} scenarios, "
            f"{len(content):,} bytes); run it on any machine: harness run {shlex.quote(shown)}",
            *(f"bundle: {sentence}" for sentence in manifest.left_out),
        ]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
