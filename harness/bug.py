"""Bugs of the harness, or of an engine in it: exceptions that nobody foresaw, and how to report them.

They end the scenario in which they happen, as an error, and never as a pass. What a user did wrong, and what
AWS answers with an error, is no bug.
"""

from __future__ import annotations

import errno
import os
import traceback
from dataclasses import dataclass

HEADER = "x-harness-exception"
"""The header of an answer with status 500 that has the exception behind it, as one line."""


@dataclass(frozen=True)
class Bug:
    """An exception in the engine: `call` is what was asked for, such as `dynamodb:PutItem`; `text` one line.

    `served` is false when the engine does not have what was called at all. `stopped`: it is no exception, but
    the reason for which the harness has stopped a function that does not come to an end.
    """

    call: str
    text: str
    trace: str = ""
    served: bool = True
    stopped: bool = False

    @property
    def is_of_harness(self) -> bool:
        """False when it is a function's, or something outside is missing: a service, or space for files."""
        return self.served and not self.stopped and not self.is_of_disk

    @property
    def is_of_disk(self) -> bool:
        """True when the disk is full."""
        return f"[Errno {errno.ENOSPC}]" in self.text

    @property
    def sentence(self) -> str:
        """The bug in one line."""
        return f"{self.call}: {self.text}"


class EngineBug(Exception):
    """A request to the engine ended in an exception there; `trace` is its traceback."""

    def __init__(self, bug: Bug) -> None:
        super().__init__(bug.sentence)
        self.bug = bug


def place_of(error: BaseException, within: tuple[str, ...]) -> str:
    """The innermost place in one of these packages that an exception came through: `moto/sns/models.py:12`.

    Gives the innermost of all when it came through none of them.
    """
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        for package in within:
            _, found, rest = frame.filename.rpartition(f"/{package}/")
            if found:
                return f"{package}/{rest}:{frame.lineno}, in {frame.name}"
    return f"{frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""


def report(error: Exception, engine: str, command: str) -> str:
    """The reason of a scenario that ended in an exception of the harness."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    inner = f"\n{error.bug.trace.rstrip()}" if isinstance(error, EngineBug) else ""
    return "\n".join([f"{type(error).__name__}: {error}", trace + inner, *_how_to_report(engine, command)])


def report_of_engine(bugs: tuple[Bug, ...], engine: str, command: str) -> str:
    """The reason of a scenario in which the engine met exceptions, or was asked for what it does not have."""
    if any(bug.is_of_disk for bug in bugs):
        folder = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108
        return f"no space left in {folder} for temporary files; free some, or set TMPDIR to another folder"
    if all(bug.stopped for bug in bugs):
        return "\n".join(dict.fromkeys(bug.text for bug in bugs))
    if not any(bug.served for bug in bugs):
        calls = ", ".join(dict.fromkeys(bug.call for bug in bugs))
        return f"{engine} does not serve {calls}, so that nobody knows what AWS would do:\n" + "\n".join(
            dict.fromkeys(f"  {bug.sentence}" for bug in bugs)
        )
    return "\n".join([*_of_engine(bugs), *_how_to_report(engine, command)])


def _of_engine(bugs: tuple[Bug, ...]) -> list[str]:
    lines: list[str] = []
    for bug in dict.fromkeys(bugs):
        lines += [f"the engine's answer to {bug.call} was an exception: {bug.text}"]
        lines += [f"  {line}" for line in bug.trace.rstrip().splitlines()]
    return lines


def _how_to_report(engine: str, command: str) -> list[str]:
    import platform  # noqa: PLC0415  (only when there is a bug)
    from importlib import metadata  # noqa: PLC0415

    versions = f"stepfunctions-harness {metadata.version('stepfunctions-harness')}, engine {engine}"
    python = f"Python {platform.python_version()} on {platform.system()}"
    return [
        "This is a bug of the harness. Report it with all of this, the scenario and the template:",
        f"  {versions}, {python}",
        *([f"  {command}"] if command else []),
    ]
