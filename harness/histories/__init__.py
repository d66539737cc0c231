"""Histories of executions as AWS gives them, read from files.

    for execution in read_histories([Path("histories/")]):
        execution.machine_name, execution.status, execution.events

The way: `documents` takes the text of a file apart into JSON documents; `forms` recognises each of them (a
page of GetExecutionHistory, DescribeExecution, events of CloudWatch Logs); `joining` puts the pages of one
execution together and looks for gaps; `reading` does all three for files. `kinds` knows the types of events.

Nothing is guessed: what is missing, cut off or unknown is a `HistoryError` that names the file, the event and
the remedy.
"""

from .faults import HistoryError
from .joining import joined
from .model import Event, RecordedExecution
from .reading import files_in, read_histories

__all__ = ["Event", "HistoryError", "RecordedExecution", "files_in", "joined", "read_histories"]
