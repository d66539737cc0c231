"""When the time of executions passes."""

from enum import StrEnum


class Pace(StrEnum):
    """When time passes."""

    REAL = "real"
    """As it does on the computer."""
    VIRTUAL = "virtual"
    """At once, whenever nothing can go on without it."""
    STEPPED = "stepped"
    """As VIRTUAL, but only while somebody waits for an execution or for a time.

    What is started between two waits starts at the same moment, and what is looked at stands still: nothing
    depends on how fast the requests come.
    """
