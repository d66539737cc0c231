"""The code of functions that nobody has."""

from __future__ import annotations

from typing import Final

FILE: Final = "never_runs.py"
"""The name of the file that has it."""
STUB: Final = '''\
"""Stands where a function would be: stand-ins answer all tasks, so that nothing here ever runs."""


def handler(event, context):
    raise NotImplementedError("no stand-in answers this invocation; give it one in `tasks`")
'''
