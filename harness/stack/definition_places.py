"""Line numbers in a definition without a template, by the keys of its generated template."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.files import read_text
from harness.json_types import Json, as_dict
from harness.plain import DefinitionPath
from harness.scenario.position import Position
from harness.stack.nodes import Key

if TYPE_CHECKING:
    from harness.stack.definition_only import Made


class DefinitionPlaces:
    """The locations of a definition's entries.

    A machine's own keys point into its definition. The keys of any other resource point to its first mention.
    """

    def __init__(self, path: DefinitionPath) -> None:
        from harness.stack.definition_only import DefinitionRefused, made  # noqa: PLC0415  (start-up)

        self.path = Path(path)
        self._made: Made | None = None
        with suppress(DefinitionRefused):  # nothing was generated, so no location is needed
            self._made = made(path)

    def position(self, *keys: Key) -> Position:
        """Return the location for keys in the template."""
        if self._made is None or len(keys) < 2 or keys[0] != "Resources":
            return Position(self.path)
        name = str(keys[1])
        if name in self._made.machines:
            return self._in_definition(self._made.machines[name], keys[4:])
        if name not in self._made.named:
            return Position(self.path)
        from harness.stack.definition_text import position  # noqa: PLC0415  (start-up)

        file, within = self._made.named[name]
        return position(file, read_text(file, "utf-8-sig"), within)

    def _in_definition(self, file: Path, keys: tuple[Key, ...]) -> Position:
        from harness.stack.definition_text import position, read_definition  # noqa: PLC0415  (start-up)

        text, definition = read_definition(file)
        outer = as_dict(as_dict(definition).get("States"))
        if keys[:1] == ("States",) and len(keys) > 1 and keys[1] not in outer:
            keys = (*_path_to(definition, str(keys[1])), *keys[2:])
        return position(file, text, keys)


def _path_to(value: Json, state: str, *keys: Key) -> tuple[Key, ...]:
    """Return the keys of a nested state. Empty if the state does not exist."""
    if isinstance(value, dict):
        if state in as_dict(value.get("States")):
            return (*keys, "States", state)
        entries: list[tuple[Key, Json]] = list(value.items())
    else:
        entries = list(enumerate(value)) if isinstance(value, list) else []
    return next((found for key, each in entries if (found := _path_to(each, state, *keys, key))), ())
