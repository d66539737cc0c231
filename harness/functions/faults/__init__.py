"""Injected faults. Each kind is a file in this folder; `registry` decides which faults fire, and when.

To add a kind, add a file with a class, as described in `kind`, and a line in KINDS. Everything else reads the
kinds from KINDS: scenario files, the JSON Schema, the reference, the engines, the messages and the sweep.
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
"""All kinds of faults, in the order of the reference and the sweep."""


STAND_INS: tuple[type[Kind], ...] = (Answers,)
"""Kinds that are passed to functions in the same way as faults, but are not faults."""


def kind_named(key: str) -> type[Kind]:
    """Return the kind with this key. Raises LookupError with a list of the known kinds."""
    for kind in (*KINDS, *STAND_INS):
        if kind.key == key:
            return kind
    raise LookupError(f"unknown kind of fault {key!r}; known: {', '.join(kind.key for kind in KINDS)}")


def kind_of(fault: Fault) -> Kind:
    """Return the fault's kind with its arguments. Raises LookupError for an unknown kind."""
    return kind_named(fault.kind)(**fault.arguments)
