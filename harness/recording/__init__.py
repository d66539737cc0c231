"""Write a scenario's expectations from its runs.

The steps: `plays` runs the scenario in two worlds. The expectations determine the common results
(`Expectation.record`). `editing` inserts them into the text of the file.
"""

from .record import NotRecorded, Recorded, Wanted, recorded

__all__ = ["NotRecorded", "Recorded", "Wanted", "recorded"]
