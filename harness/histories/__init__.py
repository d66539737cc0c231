"""Execution histories in AWS's format, read from files.

    for execution in read_histories([Path("histories/")]):
        execution.machine_name, execution.status, execution.events

The steps: `documents` splits the text of a file into JSON documents. `forms` recognizes each document (a
page of GetExecutionHistory, DescribeExecution, CloudWatch Logs events). `joining` combines the pages of
one execution and checks for gaps. `reading` does all of this for files. `kinds` defines the event types.

Nothing is guessed: missing, truncated or unknown data raises a `HistoryError` with the file, the event
and the remedy.
"""

from .faults import HistoryError
from .joining import joined
from .model import Event, RecordedExecution
from .reading import files_in, read_histories

__all__ = ["Event", "HistoryError", "RecordedExecution", "files_in", "joined", "read_histories"]
