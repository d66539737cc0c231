"""The report as one page for a browser: failures first, then every scenario with graphs and time lines.

It opens from disk, needs no network and no JavaScript, and looks like the page of an engine that is up
(`harness.drawing`). `overview` is the head of the page, `failures` tells why a scenario failed, `executions`
shows its state machines, `left` what it left behind, and `scenario` puts these together.
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
        """Write the page, whole or not at all."""
        if self.path == STDOUT or not self._is_replaced():
            super().finished()
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            rewrite(self.path, without_secrets(self.text()))
        except OSError as error:
            self.problem = f"{self.path}: cannot be written ({error.strerror}); name another file"
        except NotWritten as error:
            self.problem = str(error)

    def _is_replaced(self) -> bool:
        """Say whether a file comes in the place of what is there, which may be a pipe."""
        return self.path.is_file() or not self.path.exists()

    def text(self) -> str:
        """The page."""
        return page(self.results, self.not_run, self.engine, self.cut_short, self.problems)
