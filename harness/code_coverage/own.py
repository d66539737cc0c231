"""The measurement for `harness run --cov`: coverage.py's data file, with coverage.py's configuration."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from harness.functions.shared.model import Measures
from harness.settings import SettingsError

if TYPE_CHECKING:
    from coverage import Coverage, CoverageData

    from harness.code_coverage.collected import Collected

MISSING: Final = "--cov requires coverage.py 7.10 or newer: run pip install 'stepfunctions-harness[cov]'"
_OLDEST: Final = (7, 10)


class OwnCoverage:
    """A measurement by the harness, with the coverage.py configuration in the working directory.

    `append` adds to the existing data file. Otherwise the file is replaced, as with `coverage run`. With
    `parallel` in the configuration, it writes a separate data file for `coverage combine`.

    Raises:
        SettingsError: coverage.py is not installed, its configuration is invalid, or the data file cannot be
            extended.
    """

    def __init__(self, *, append: bool) -> None:
        if importlib.util.find_spec("coverage") is None:
            raise SettingsError(MISSING)
        import coverage  # noqa: PLC0415  (when it is used)

        if coverage.version_info[:2] < _OLDEST:
            raise SettingsError(f"{MISSING}; found {coverage.__version__}")
        self._error = coverage.CoverageException
        self._append = append
        try:
            self._coverage: Coverage = coverage.Coverage(check_preimported=False)
            self._data = self._new_data()
        except self._error as error:
            raise SettingsError(f"--cov: {error}; correct coverage.py's configuration or data file") from None

    @property
    def measures(self) -> Measures:
        """Return `lines` or `arcs`, whichever the measurement counts."""
        return "arcs" if self._coverage.get_option("run:branch") else "lines"

    @property
    def least(self) -> float:
        """Return the percentage that the configuration requires, or 0."""
        found = self._coverage.get_option("report:fail_under")
        return float(found) if isinstance(found, int | float) else 0.0

    def write(self, collected: Collected) -> str:
        """Write the data file; return an error message if that fails."""
        from harness.code_coverage.selection import Selection  # noqa: PLC0415  (when it is used)

        selection = Selection(self._coverage)
        chosen = selection.chosen(collected.lines)
        try:
            if not self._append:
                self._data.erase()
            if self.measures == "arcs":
                self._data.add_arcs(chosen)
            else:
                self._data.add_lines(chosen)
            self._data.touch_files(selection.not_run())
            self._data.write()
        except (self._error, OSError) as error:
            return f"--cov: {self._data.data_filename()} cannot be written: {error}"
        return ""

    def report(self, stream: TextIO) -> tuple[float | None, str]:
        """Write coverage.py's table; return its percentage, or None and an error message."""
        import coverage  # noqa: PLC0415  (when it is used)

        of_file = coverage.Coverage(data_file=self._data.data_filename())
        try:
            of_file.load()
            return of_file.report(file=stream), ""
        except (self._error, OSError) as error:
            return None, f"--cov: {error}"

    def _new_data(self) -> CoverageData:
        """Return the data in the file. Raises SettingsError and CoverageException."""
        import coverage  # noqa: PLC0415  (when it is used)

        name = str(self._coverage.get_option("run:data_file") or ".coverage")
        parallel = bool(self._coverage.get_option("run:parallel"))
        data = coverage.CoverageData(basename=name, suffix=True if parallel else None)
        if self._append and not parallel and Path(data.data_filename()).is_file():
            data.read()
            if data.measured_files() and data.has_arcs() != (self.measures == "arcs"):
                has, wanted = ("branches", "lines") if data.has_arcs() else ("lines", "branches")
                raise SettingsError(
                    f"--cov-append: {data.data_filename()} has {has}, and this run would count {wanted}; "
                    "use the same `branch` setting in coverage.py's configuration for both"
                )
        return data
