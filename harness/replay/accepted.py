"""Intended changes to a definition: `accepted` entries in the `[tool.harness.replay]` table.

[[tool.harness.replay.accepted]]
state = "Charge"                     # a state in recorded executions
renamed = "ChargeCard"               # its name in the current definition
reason = "the console shows it to support"

[[tool.harness.replay.accepted]]
added = "Log"                        # a state that recorded executions never entered
result = {}                          # the result of an added task; default: {}
reason = "an audit asked for it"

[[tool.harness.replay.accepted]]
removed = "Audit"                    # a state that the definition no longer has
reason = "the audit is now a separate machine"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import Json
from harness.replay_settings import AcceptedChange

NOTHING: Final[Mapping[str, Json]] = {}


@dataclass(frozen=True)
class Changes:
    """The accepted changes that concern one definition.

    Attributes:
        renamed: maps a state's name in recorded executions to its name in the definition.
        added: states that recorded executions never entered, with the results of their tasks.
        removed: states that the definition no longer has.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, Json] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()


def changes_of(accepted: Iterable[AcceptedChange], states: Iterable[str]) -> Changes:
    """Return the changes that concern a definition, by the names of its states at any depth."""
    names = frozenset(states)
    renamed: dict[str, str] = {}
    added: dict[str, Json] = {}
    removed: set[str] = set()
    for each in accepted:
        if each.renamed and each.renamed in names and each.state not in names:
            renamed[each.state] = each.renamed
        elif each.added and each.added in names:
            added[each.added] = each.result
        elif each.removed and each.removed not in names:
            removed.add(each.removed)
    return Changes(renamed, added, frozenset(removed))
