"""Placeholder code for functions whose code is not available."""

from __future__ import annotations

from typing import Final

FILE: Final = "never_runs.py"
"""The name of the file with the code."""
STUB: Final = '''\
"""Placeholder for a function: stand-ins answer all tasks, so this code never runs."""


def handler(event, context):
    raise NotImplementedError("no stand-in answers this invocation; give it one in `tasks`")
'''
