"""Exceptions that users of the Python API catch."""

from __future__ import annotations

from typing import ClassVar


class HarnessError(Exception):
    """The user must fix something outside the harness. The message says what and where.

    Examples are a setting, a template that AWS rejects, a scenario file, or an engine that cannot start.
    `code` is the `harness explain` page for messages without a separate page.
    """

    code: ClassVar[str] = "python-api"


class EngineLacksError(HarnessError):
    """The chosen engine does not support a requested feature."""

    code = "engine-lacks"
