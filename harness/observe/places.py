"""The locations of states and functions in the project's files, as shown in failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from harness.files import is_file
from harness.observe.model import Execution, Observation
from harness.scenario.position import Position
from harness.stack.origin import Origin


class Places:
    """Finds locations in the files that define a stack. A resource that no file declares has no location."""

    def __init__(self, observation: Observation) -> None:
        self._access = observation.access
        self._known: dict[tuple[object, ...], Position | None] = {}

    def of_state(self, execution: Execution | None, state: str) -> Position | None:
        """Return the location of a state in its machine's definition."""
        from harness.stack.state_places import state_position  # noqa: PLC0415  (failures only)

        origin = self._machine(execution)
        if origin is None or not state:
            return None
        return self._found((origin.key, state), lambda: state_position(origin, state))

    def of_field(self, execution: Execution | None, state: str, texts: Sequence[str]) -> Position | None:
        """Return the location of one of these strings within a state. Such a string can be a path from an
        error's cause.
        """
        from harness.stack.state_places import field_position  # noqa: PLC0415  (failures only)

        origin = self._machine(execution)
        if origin is None or not texts:
            return None
        return self._found((origin.key, state, *texts), lambda: field_position(origin, state, texts))

    def of_transition(self, execution: Execution | None, state: str, to: str) -> Position | None:
        """Return the location of the transition between two states, or of the first state if none exists."""
        forms = [
            f"{key}{colon}{value}"
            for key in ("Next", "Default")
            for colon in (": ", '": ', '":')
            for value in (to, f'"{to}"')
        ]
        return self.of_field(execution, state, forms) or self.of_state(execution, state)

    def of_function(self, name: str, *properties: str) -> Position | None:
        """Return a function's location in its template, or that of its property at the path `keys`."""
        from harness.stack.lines import TemplateLines  # noqa: PLC0415  (failures only)

        origin = self._access.origins.get(name)
        if origin is None or not is_file(origin.template):
            return None
        keys = ("Resources", origin.logical_id, "Properties", *properties)
        return self._found(keys, lambda: TemplateLines(origin.template).position(*keys))

    def of_handler(self, name: str) -> Position | None:
        """Return the location of a function's handler in its code."""
        from harness.observe.code_places import handler_line  # noqa: PLC0415  (failures only)

        origin = self._access.origins.get(name)
        if origin is None:
            return None
        found = handler_line(origin)
        return Position(found.file, found.number) if found is not None else None

    def _machine(self, execution: Execution | None) -> Origin | None:
        found = (self._access.origin(arn) for arn in _arns(execution)) if execution else iter(())
        return next((origin for origin in found if origin is not None), None)

    def _found(self, key: tuple[object, ...], find: Callable[[], Position | None]) -> Position | None:
        from ruamel.yaml.error import YAMLError  # noqa: PLC0415  (start-up)

        from harness.cloudformation.faults import TemplateRefused  # noqa: PLC0415  (start-up)
        from harness.yaml_nodes import TooMuch  # noqa: PLC0415  (start-up)

        if key not in self._known:
            self._known[key] = None
            with suppress(
                OSError, ValueError, TemplateRefused, TooMuch, YAMLError
            ):  # a file that has changed since
                self._known[key] = find()
        return self._known[key]


def _arns(execution: Execution) -> Iterator[str]:
    """Yield the ARN of a machine; for a version, an alias or a Map's items, also the machine's own ARN."""
    yield execution.machine_arn
    machine = ":".join(execution.machine_arn.split(":")[:7]).partition("/")[0]
    if machine != execution.machine_arn:
        yield machine
