"""The messages that an execution published. They become expectations if nothing else publishes messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.importing.hiding import Hiding
from harness.importing.model import Published
from harness.json_types import Json, JsonObject, as_dict
from harness.replay.learning import given_by
from harness.replay.machines import states_of
from harness.replay.open_values import MARK

PUBLISHES: Final = "sns:publish"
_PARTS: Final = {"Subject": "subject", "Message": "body"}
_DRAWS: Final = re.compile(
    r"\$\$\.|\$states\.context|States\.(?:UUID|MathRandom)|\$(?:uuid|random|now|millis|randomSeed)\b"
)
"""Values that differ in each run."""


@dataclass(frozen=True)
class Messages:
    """Derives the expected `messages`.

    Attributes:
        played: name of a state -> the function or the integration that actually runs.
    """

    definition: Json
    hiding: Hiding
    played: Mapping[str, str]

    def expected(self, published: list[Published]) -> list[Json] | None:
        """Return the messages; None if there may be messages that are not in any history."""
        states = {name: state for name, _, state in states_of(self.definition)}
        topics = {name: self._topic(states[name]) for name in self.played}
        if not all(callee == PUBLISHES and topics[name] for name, callee in self.played.items()):
            return None
        made: dict[str, JsonObject] = {}
        for each in published:
            message = {"topic": topics[each.state], **self._texts(states[each.state], each.parameters)}
            key = json.dumps(message, sort_keys=True)
            if key in made:
                count = made[key].get("count", 1)
                assert isinstance(count, int)
                made[key]["count"] = count + 1
            else:
                made[key] = message
        return list(made.values())

    @staticmethod
    def _topic(state: JsonObject) -> str:
        """Return the logical ID of a state's topic; "" if it is unknown."""
        match = MARK.fullmatch(str(as_dict(given_by(state)).get("TopicArn", "")))
        return "" if match is None else match[1].removesuffix(".TopicArn")

    def _texts(self, state: JsonObject, parameters: Json) -> JsonObject:
        given, sent = as_dict(given_by(state)), as_dict(parameters)
        texts: JsonObject = {}
        for name, key in _PARTS.items():
            text, written = sent.get(name), given.get(name)
            if not isinstance(text, str) or "MessageStructure" in sent:
                continue
            is_literal = written == text and not MARK.search(text)
            # With --keep-data, the run uses the original data. Only names are replaced.
            is_made_again = self.hiding.keep_data and not self._draws and self.hiding.name(text) == text
            if is_literal or is_made_again:
                texts[key] = text
        return texts

    @property
    def _draws(self) -> bool:
        return _DRAWS.search(json.dumps(self.definition)) is not None
