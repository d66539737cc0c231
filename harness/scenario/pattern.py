"""Rules for names with a counter: `raw/{n:05}.nef` with a count of 500."""

from __future__ import annotations

import re

from harness.numbered import COUNTER
from harness.scenario.position import RefusedError

_LOOKALIKE = re.compile(r"\{n\b[^{}]*\}")

REMEDY = "write {n}, or {n:05} for five digits with leading zeros"


def counts(text: str) -> bool:
    """Return whether `text` has a counter.

    Raises: RefusedError if it contains an invalid counter, such as `{n:5}`.
    """
    for lookalike in _LOOKALIKE.finditer(text):
        if not COUNTER.fullmatch(lookalike[0]):
            raise RefusedError(f"{lookalike[0]} in {text!r} is not a valid counter", REMEDY)
    return COUNTER.search(text) is not None
