"""The record of the last failures, in the user's cache folder. Each project has one file.

{"version": 1, "root": "/home/ada/orders", "failed": ["scenarios/late.json"]}
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.functions.host.pythons import cache_folder
from harness.report.model import Result
from harness.scenario.model import Scenario

VERSION: Final = 1


class LastFailed:
    """A reporter that records a project's failed scenarios.

    A scenario that does not run keeps its previous state. If the record cannot be written, it is lost.
    """

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:32]
        self._file = cache_folder(environ) / "last-failed" / f"{name}.json"
        self._failed = dict.fromkeys(self._read())
        self._before = tuple(self._failed)

    @property
    def failed(self) -> frozenset[Path]:
        """The files that failed in their last run."""
        return frozenset(self._failed)

    def _read(self) -> Sequence[Path]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(self._file.read_text(encoding="utf-8"))
            if record["version"] == VERSION and record["root"] == str(self._root):
                return [self._root / str(each) for each in record["failed"]]
        return ()

    def started(self, scenarios: Sequence[Scenario], engine: str) -> None:
        """Remove files that no longer exist."""
        self._failed = {path: None for path in self._failed if path.is_file()}

    def scenario_started(self, scenario: Scenario) -> None:
        """Do nothing yet."""

    def scenario_finished(self, result: Result) -> None:
        """Record the outcome."""
        path = result.scenario.path.absolute()
        if result.outcome in ("failed", "error"):
            self._failed[path] = None
        elif result.outcome == "passed":
            self._failed.pop(path, None)

    def finished(self) -> None:
        """Save the record."""
        if tuple(self._failed) == self._before:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            unfinished.write_text(self._text(self._failed), encoding="utf-8")
            unfinished.replace(self._file)

    def _text(self, failed: Iterable[Path]) -> str:
        names = [os.path.relpath(path, self._root) for path in failed]
        return json.dumps({"version": VERSION, "root": str(self._root), "failed": names}, indent=1)
