"""Reports: results in, text for people and files for machines out.

`explain` finds the failures in an observation. `failure` and `happened` lay out one failure as lines.
`causes` groups failures with the same cause. The reporters show all of this: `terminal` on the screen, each
of the others in a file. To add a format, add a file with a subclass of `FileReport`, and a line below. The
command-line option is derived from that line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STDOUT = Path("-")
"""A report with this path is written to stdout."""


@dataclass(frozen=True)
class Format:
    """A report in a file: `name` is its option, `reporter` its class as `package.module.Class`.

    The class is named, not imported: the command line knows its options before it imports anything slow.
    """

    name: str
    summary: str
    reporter: str


FORMATS: tuple[Format, ...] = (
    Format("json", "results as JSON", "harness.report.json_report.JsonReport"),
    Format("junit", "results as JUnit XML", "harness.report.junit.JUnitReport"),
    Format("html", "results as an HTML page", "harness.html_report.HtmlReport"),
)
