"""GitHub Actions workflow commands, which show findings at the lines of a change.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.gate.finding import Level
from harness.gate.judged import Judged
from harness.gate.root import relative
from harness.hidden import without_secrets

_COMMANDS: Final[Mapping[Level, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def commands(found: Iterable[Judged], root: Path) -> Iterator[str]:
    """Yield a command for each finding that is not accepted.

    The format is `::error file=a.yaml,line=3,title=rule::message`.
    """
    for judged in found:
        if judged.accepted is None:
            yield command(judged, root)


def command(judged: Judged, root: Path) -> str:
    """Return the command for one finding."""
    finding = judged.finding
    properties: dict[str, object] = {}
    if finding.file is not None:
        properties["file"] = relative(finding.file, root)
        if finding.line:
            properties["line"] = finding.line
            if finding.column:
                properties["col"] = finding.column
    properties["title"] = finding.rule.id
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    sentence = f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message
    text = "\n".join([sentence, *finding.details])
    return f"::{_COMMANDS[judged.level]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Escape a message as the runner's own toolkit does."""
    return without_secrets(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
