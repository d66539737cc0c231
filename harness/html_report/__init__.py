"""The report as an HTML page: failures first, then all scenarios with graphs and time lines.

It opens from disk, requires neither a network nor JavaScript, and shares the style of the engine's page
(`harness.drawing`). `overview` is the head of the page. `failures` explains why a scenario failed,
`executions` shows its state machines, and `left` its results. `scenario` combines them.
"""

from __future__ import annotations

from harness.hidden import without_secrets
from harness.html_report.overview import page
from harness.report import STDOUT
from harness.report.base import FileReport
from harness.writing import NotWritten, rewrite


class HtmlReport(FileReport):
    """All results as one page."""

    def finished(self) -> None:
        """Write the complete page, or nothing."""
        if self.path == STDOUT or not self._is_replaced():
            super().finished()
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            rewrite(self.path, without_secrets(self.text()))
        except OSError as error:
            self.problem = f"{self.path}: cannot be written ({error.strerror}): choose another file"
        except NotWritten as error:
            self.problem = str(error)

    def _is_replaced(self) -> bool:
        """Return whether a new file can replace the current one. A special file, such as a pipe, is kept."""
        return self.path.is_file() or not self.path.exists()

    def text(self) -> str:
        """Return the page."""
        return page(self.results, self.not_run, self.engine, self.cut_short, self.problems)
