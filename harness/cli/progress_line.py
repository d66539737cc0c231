"""A progress line. It appears only on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from harness.report.terminal import console_for, is_screen


@contextmanager
def progress_line(stream: TextIO) -> Iterator[Callable[[str], object] | None]:
    """Show phrases on one line of the terminal during the block. Yield None if stderr is not a terminal."""
    console = console_for(stream)
    if not is_screen(console):
        yield None
        return
    column = Column(no_wrap=True, overflow="ellipsis")
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", table_column=column))
    with Progress(*columns, console=console, transient=True) as line:
        task = line.add_task("", total=None)
        yield lambda phrase: line.update(task, description=phrase)
