"""`harness run --bundle FILE`: keeps all of a run in one zip."""

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
    """The reporter that writes the bundle into a file.

    Raises:
        SettingsError: a bundle cannot hold what the scenarios depend on.
    """
    engine = projects.engine(scenario.path for scenario in scenarios).engine
    if engine != "moto":
        raise SettingsError(
            f"--bundle {file}: on the engine {engine} no two runs are the same; use the embedded one: "
            "--engine moto, or leave --bundle out"
        )
    for scenario in scenarios:
        if network := projects.of(scenario.path).network:
            raise SettingsError(
                f"--bundle {file}: {TABLE} network = {list(network)} lets functions of {scenario.path} "
                "connect to what no bundle can hold; say what is answered there under hosts: in the scenario"
            )
    return BundleReport(file, reads, projects)


class BundleReport(FileReport):
    """Writes the bundle when all has ended, with the scenarios that have a result."""

    def __init__(self, path: Path, reads: Reads, projects: Projects) -> None:
        super().__init__(path, Context())
        self._reads = reads
        self._projects = projects
        self._json = JsonReport(path, Context())
        self._said: list[str] = []

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Begin the report that is kept in it, too."""
        super().started(scenarios, engine)
        self._json.started(scenarios, engine)

    def scenario_finished(self, result: Result) -> None:
        """Keep the result."""
        super().scenario_finished(result)
        self._json.scenario_finished(result)

    def finished(self) -> None:
        """Write it, whole or not at all."""
        if not any(result.outcome != "skipped" for result in self.results):
            self.problem = f"{self.path}: no bundle was written: no scenario was played"
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
        """The lines that are said of it."""
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
                f"no bundle was written: it would have {len(entries):,} files of {size:,} bytes, and has at "
                f"most {MOST_FILES:,} of {LARGEST_TOGETHER:,}; name fewer scenarios"
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
            f"{len(content):,} bytes); play it anywhere: harness run {shlex.quote(shown)}",
            *(f"bundle: {sentence}" for sentence in manifest.left_out),
        ]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
