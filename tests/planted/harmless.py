"""Code commits that do not affect runs. For template commits, see gate/test_harmless.py."""

from __future__ import annotations

from defect import code, definition
from update_projects import Change

HARMLESS: dict[str, Change] = {
    "a comment": code("put_dynamodb", "DAY_S = 86_400\n", "DAY_S = 86_400  # seconds\n"),
    "blanks in a definition": definition(
        '"StartAt": "CreateStateMachine"', '"StartAt":    "CreateStateMachine"'
    ),
    "a line of the log": code(
        "create_message", "    message = compose(", '    logger.debug("rows read")\n    message = compose('
    ),
    "a function of its own": code(
        "list_objects",
        "def _summary(",
        "def _names(outcome: dict[str, Any]) -> list[str]:\n    return sorted(outcome)\n\n\ndef _summary(",
    ),
    "a constant with another name": code("put_dynamodb", "RESERVE_S = 10.0", "RESERVE_S = SPARE_S = 10.0"),
}
