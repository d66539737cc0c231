"""Execution histories in AWS's format, read from files.

    for execution in read_histories([Path("histories/")]):
        execution.machine_name, execution.status, execution.events

The steps: `documents` splits the text of a file into JSON documents. `forms` recognizes each of them (a page
of GetExecutionHistory, DescribeExecution, events of CloudWatch Logs). `joining` combines the pages of one
execution and checks for gaps. `reading` does all of this for files. `kinds` defines the types of events.

There are no guesses: missing, truncated or unknown data is a `HistoryError` that names the file, the event
and the remedy.
"""

from .faults import HistoryError
from .joining import joined
from .model import Event, RecordedExecution
from .reading import files_in, read_histories

__all__ = ["Event", "HistoryError", "RecordedExecution", "files_in", "joined", "read_histories"]
