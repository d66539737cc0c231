"""Writes what a scenario expects, from plays of it.

The way: `plays` plays the scenario in two worlds; the expectations say what both have in common
(`Expectation.record`); `editing` puts it into the file's text.
"""

from .record import NotRecorded, Recorded, Wanted, recorded

__all__ = ["NotRecorded", "Recorded", "Wanted", "recorded"]
