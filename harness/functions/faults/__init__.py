"""Failures that are made to happen. Each kind is one file here; `registry` decides which faults fire when.

A new kind is a file with a class, as `kind` describes it, and its line in KINDS: scenario files, the JSON
Schema, the reference, the engines, messages and the sweep read everything from there.
"""

from __future__ import annotations

from ..shared.model import Fault
from .answers import Answers
from .cut import Cut
from .delay import Delay
from .ends import Ends
from .error import Error
from .kind import Kind
from .partial import Partial
from .raises import Raises
from .returns import Returns
from .stale import Stale
from .twice import Twice

KINDS: tuple[type[Kind], ...] = (
    Error,
    Cut,
    Delay,
    Partial,
    Stale,
    Raises,
    Ends,
    Twice,
    Returns,
)
"""All kinds of faults, in the order of the reference and of the sweep."""


STAND_INS: tuple[type[Kind], ...] = (Answers,)
"""Kinds that are handed to functions as faults are, and are none."""


def kind_named(key: str) -> type[Kind]:
    """The kind with that key. Raises LookupError, which lists the known ones."""
    for kind in (*KINDS, *STAND_INS):
        if kind.key == key:
            return kind
    raise LookupError(
        f"there is no kind of fault named {key!r}; known: {', '.join(kind.key for kind in KINDS)}"
    )


def kind_of(fault: Fault) -> Kind:
    """The fault's kind, with its arguments. Raises LookupError for an unknown kind."""
    return kind_named(fault.kind)(**fault.arguments)
