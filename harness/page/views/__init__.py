"""The views, by path. Each reads data from the engine and renders it as HTML.

A view is called with the reader and the query in its path. It returns None if the object is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from harness.page.layout import Shown
from harness.page.look import Look
from harness.page.views.buckets import bucket_view, buckets_view, object_view
from harness.page.views.execution import execution_view
from harness.page.views.executions import executions_view
from harness.page.views.logs import logs_view
from harness.page.views.messages import messages_view
from harness.page.views.starting import start_view
from harness.page.views.tables import table_view, tables_view

View = Callable[[Look, Mapping[str, str]], Shown | None]

VIEWS: Final[Mapping[str, View]] = {
    "": executions_view,
    "execution": execution_view,
    "start": start_view,
    "messages": messages_view,
    "tables": tables_view,
    "table": table_view,
    "buckets": buckets_view,
    "bucket": bucket_view,
    "object": object_view,
    "logs": logs_view,
}
