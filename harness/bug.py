"""Bugs in the harness or in an engine: unexpected exceptions, and how to report them.

A bug ends its scenario with an error, never with a pass. User mistakes and errors that AWS would return are
not bugs.
"""

from __future__ import annotations

import errno
import os
import traceback
from dataclasses import dataclass

HEADER = "x-harness-exception"
"""Header of a response with status 500. It holds the exception as one line."""


@dataclass(frozen=True)
class Bug:
    """An exception in the engine. `call` is the request, such as `dynamodb:PutItem`. `text` is one line.

    `served` is false when the engine does not support the call at all. `stopped` is true when the harness
    stopped a function that did not finish. `text` is then the reason, not an exception.
    """

    call: str
    text: str
    trace: str = ""
    served: bool = True
    stopped: bool = False

    @property
    def is_of_harness(self) -> bool:
        """False when the cause is a function, an unsupported service, or a full disk."""
        return self.served and not self.stopped and not self.is_of_disk

    @property
    def is_of_disk(self) -> bool:
        """True when the disk is full."""
        return f"[Errno {errno.ENOSPC}]" in self.text

    @property
    def sentence(self) -> str:
        """The bug as one line."""
        return f"{self.call}: {self.text}"


class EngineBug(Exception):
    """A request to the engine raised an exception in the engine. `trace` is its traceback."""

    def __init__(self, bug: Bug) -> None:
        super().__init__(bug.sentence)
        self.bug = bug


def place_of(error: BaseException, within: tuple[str, ...]) -> str:
    """Return the innermost location in one of these packages that an exception passed through:
    `moto/sns/models.py:12`.

    If it passed through none of these packages, return the innermost location overall.
    """
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        for package in within:
            _, found, rest = frame.filename.rpartition(f"/{package}/")
            if found:
                return f"{package}/{rest}:{frame.lineno}, in {frame.name}"
    return f"{frames[-1].filename}:{frames[-1].lineno}, in {frames[-1].name}" if frames else ""


def report(error: Exception, engine: str, command: str) -> str:
    """Return the reason for a scenario that ended with an exception in the harness."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    inner = f"\n{error.bug.trace.rstrip()}" if isinstance(error, EngineBug) else ""
    return "\n".join([f"{type(error).__name__}: {error}", trace + inner, *_how_to_report(engine, command)])


def report_of_engine(bugs: tuple[Bug, ...], engine: str, command: str) -> str:
    """Return the reason for a scenario in which the engine raised exceptions, or does not support a
    request.
    """
    if any(bug.is_of_disk for bug in bugs):
        folder = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108
        return (
            f"no space left in {folder} for temporary files; free some space, or set TMPDIR to a different "
            "folder"
        )
    if all(bug.stopped for bug in bugs):
        return "\n".join(dict.fromkeys(bug.text for bug in bugs))
    if not any(bug.served for bug in bugs):
        calls = ", ".join(dict.fromkeys(bug.call for bug in bugs))
        return f"{engine} does not serve {calls}, so the result on AWS is unknown:\n" + "\n".join(
            dict.fromkeys(f"  {bug.sentence}" for bug in bugs)
        )
    return "\n".join([*_of_engine(bugs), *_how_to_report(engine, command)])


def _of_engine(bugs: tuple[Bug, ...]) -> list[str]:
    lines: list[str] = []
    for bug in dict.fromkeys(bugs):
        lines += [f"the engine raised an exception for {bug.call}: {bug.text}"]
        lines += [f"  {line}" for line in bug.trace.rstrip().splitlines()]
    return lines


def _how_to_report(engine: str, command: str) -> list[str]:
    import platform  # noqa: PLC0415  (only when there is a bug)
    from importlib import metadata  # noqa: PLC0415

    versions = f"stepfunctions-harness {metadata.version('stepfunctions-harness')}, engine {engine}"
    python = f"Python {platform.python_version()} on {platform.system()}"
    return [
        "This is a bug in the harness. Report it with all of this text, the scenario and the template:",
        f"  {versions}, {python}",
        *([f"  {command}"] if command else []),
    ]
