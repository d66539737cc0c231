"""Failures that are made to happen: which, and when. `book` decides; each kind has a file of its own.

What a kind does happens in the function's process; what it means in a scenario file is in
`harness.scenario.faults`, and what a task of a state machine makes of it in `harness.stepfunctions`.
"""

from __future__ import annotations

from .cut import Cut
from .delay import Delay
from .ends import Ends
from .error import Error
from .kind import Kind
from .partial import Partial
from .raises import Raises
from .stale import Stale
from .twice import Twice

KINDS: tuple[Kind, ...] = (Error(), Cut(), Delay(), Partial(), Stale(), Raises(), Ends(), Twice())
"""Every kind of fault there is."""


def kind_named(name: str) -> Kind:
    """The kind of that name. Raises LookupError, which lists the known ones."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise LookupError(f"there is no kind of fault {name!r}; known: {', '.join(kind.name for kind in KINDS)}")
