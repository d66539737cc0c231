"""The path of an execution, as far as it can be determined when iterations and branches run in parallel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.histories import Event, RecordedExecution
from harness.json_types import Json
from harness.replay.placing import placed

_FAILED: Final = ("Aborted", "Failed", "TimedOut")


@dataclass
class _Section:
    """The events in one visit to a top-level state, with the names of the states entered in it."""

    name: str
    events: list[Event] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[Json] | None:
        """The elements of the path; None if their order is uncertain."""
        if not self.inner or self._one_by_one:
            return [self.name, *self.inner]
        if len(set(self.inner)) == 1 and self.ended_well:
            times = len(self.inner)
            return [self.name, {"repeat": [self.inner[0]], "min": times, "max": times}]
        return None

    @property
    def ended_well(self) -> bool:
        """True if the state was exited, and nothing inside it failed or was interrupted."""
        ended = any(
            each.type.endswith("StateExited") and each.text("name") == self.name for each in self.events
        )
        whole = ("MapIteration", "MapState", "ParallelState")
        return ended and not any(
            each.type.startswith(whole) and each.type.endswith(_FAILED) for each in self.events
        )

    @property
    def _one_by_one(self) -> bool:
        """True if iterations did not overlap, and there are no branches."""
        places, open_ = self.places, list[tuple[str, ...]]()
        for event in self.events:
            if event.type.startswith("ParallelState"):
                return False
            flow = places[event.id]
            if event.type == "MapIterationStarted":
                if any(flow[: len(each)] != each for each in open_):
                    return False
                open_.append(flow)
            elif event.type.startswith("MapIteration") and flow in open_:
                open_.remove(flow)
        return True

    places: dict[int, tuple[str, ...]] = field(default_factory=dict)


def path_of(execution: RecordedExecution) -> list[Json] | None:
    """Return the elements of `path`; None if the order in which states were entered is uncertain."""
    path: list[Json] = []
    for section in _sections(execution):
        steps = section.steps
        if steps is None:
            return None
        path += steps
    return path


def never_entered(execution: RecordedExecution, states: Sequence[str]) -> list[str]:
    """Return the states in a definition that an execution never entered; none if this may be
    coincidence.
    """
    if not all(section.ended_well for section in _sections(execution) if section.inner):
        return []
    return [name for name in states if name not in execution.states]


def _sections(execution: RecordedExecution) -> Iterator[_Section]:
    """Yield the visits of the top-level states, in order."""
    places = {id_: place.flow for id_, place in placed(execution.events).items()}
    section = None
    for event in execution.events:
        if event.type.endswith("StateEntered"):
            if not places[event.id]:
                if section is not None:
                    yield section
                section = _Section(event.text("name"), places=places)
            elif section is not None:
                section.inner.append(event.text("name"))
        if section is not None:
            section.events.append(event)
    if section is not None:
        yield section
