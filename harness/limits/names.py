"""The names of state machines and executions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.limits.table import Measure, measure

# White space, brackets, wildcards, some special characters and control characters:
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff]")


def name_measures(name: str, subject: str) -> Iterator[Measure]:
    """How long a name is, and how many characters it has that it must not have; nothing of an empty one."""
    if name:
        yield measure("states-name", subject, len(name))
        yield measure("states-name-text", subject, len(_FORBIDDEN.findall(name)))
