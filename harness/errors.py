"""The exceptions that users of the Python API catch."""

from __future__ import annotations


class HarnessError(Exception):
    """The user must correct something outside the harness. The message says what and where.

    Examples are a setting, a template that AWS refuses, a scenario file, or an engine that cannot start.
    """


class EngineLacksError(HarnessError):
    """The chosen engine does not support a requested feature."""
