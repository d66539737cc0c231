"""The exception that users of the Python API catch."""

from __future__ import annotations

from typing import ClassVar


class HarnessError(Exception):
    """Something outside of the harness is to be corrected; the text says what, and where.

    For example a setting, a template that AWS refuses, a scenario file, or an engine that cannot start.
    `code` names the page of `harness explain` for messages that have no page of their own.
    """

    code: ClassVar[str] = "python-api"


class EngineLacksError(HarnessError):
    """The engine that was chosen cannot do what was asked for."""

    code = "engine-lacks"
