"""`path`: the states that each run entered, in order, with repeating groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import Field, model_validator

from harness.expect.alike import only
from harness.expect.base import Entry, PerRun
from harness.expect.model import Mismatch
from harness.expect.wording import joined, shown
from harness.json_types import Json
from harness.observe.model import Observation, Run
from harness.observe.places import Places
from harness.scenario.base import Model, Natural, Positive
from harness.scenario.matcher import Count
from harness.scenario.position import RefusedError
from harness.scenario.used_names import Name

# Number of states to show before and after the point where a path diverges.
AROUND = 3
END = "the end"
_FEWEST: Final = 3
_LONGEST_GROUP: Final = 20


class Step(Model):
    """One element in a path: a state, or a group of states that repeats."""

    repeat: tuple[str, ...] = Field(min_length=1, description="States that follow each other in this order.")
    min: Natural = Field(default=0, description="Minimum number of repetitions.")
    max: Positive | None = Field(
        default=None, description="Maximum number of repetitions. Default: no limit."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "string", "minLength": 1}
    wants: ClassVar[str] = "a state's name, or a mapping with repeat"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a state name into `{"repeat": [name], "min": 1, "max": 1}`."""
        return {"repeat": [value], "min": 1, "max": 1} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _in_order(self) -> Step:
        if self.max is not None and self.max < self.min:
            raise RefusedError(f"max {self.max} is less than min {self.min}", "exchange them")
        return self

    def __str__(self) -> str:
        if (self.min, self.max) == (1, 1):
            return ", ".join(self.repeat)
        return f"({', '.join(self.repeat)}) {Count(min=self.min, max=self.max)} times"


def compare(wanted: tuple[Step, ...], run: Run, observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield at most one mismatch: the first state that does not match."""
    seen = run.execution.path
    divergence = diverges(wanted, seen)
    if divergence is None:
        return
    index, step, expected = divergence.index, divergence.step, divergence.expected
    came = seen[index] if index < len(seen) else END
    skipped = max(0, index - AROUND)
    before = [f"({skipped} states as expected)"] if skipped else []
    before += seen[skipped:index]
    rest = list(seen[index : index + 1 + AROUND]) or [f"({END})"]
    if len(seen) > index + 1 + AROUND:
        rest.append(f"({len(seen) - index - 1 - AROUND} more states)")
    after = f" after {seen[index - 1]}{_place(seen[index - 1], came, run, observation)}" if index else ""
    yield entry.at(step).mismatch(
        f"state {index + 1}{after}: expected {joined(expected, 'or')}, seen {came}",
        "\n".join([*before, joined(expected, "or")]),
        "\n".join([*before, *rest]),
    )


def _place(state: str, came: str, run: Run, observation: Observation) -> str:
    """Return the line in the definition that contains the transition to the observed state."""
    where = Places(observation).of_transition(run.execution, state, came)
    return f" ({shown(where.path)}:{where.line})" if where is not None else ""


@dataclass(frozen=True)
class Divergence:
    """The first state that does not match: its index, the failed step, and the states that would match."""

    index: int
    step: int
    expected: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """A position in the pattern: the step, the number of completed rounds, and the progress in the next
    round.
    """

    step: int
    rounds: int = 0
    offset: int = 0


def diverges(pattern: Sequence[Step], states: Sequence[str]) -> Divergence | None:
    """Return the first state that does not match `pattern`, or None if all states match.

    All possible positions in the pattern are tracked at the same time. Therefore, the number of repetitions
    in a group need not be decided early, and the time is linear in the number of states.
    """
    places = _closure(pattern, [_Place(0)])
    for index, state in enumerate(states):
        after = [_advance(pattern, p) for p in places if _awaits(pattern, p) == state]
        if not after:
            return _divergence(pattern, places, index)
        places = _closure(pattern, after)
    if any(p.step == len(pattern) for p in places):
        return None
    return _divergence(pattern, places, len(states))


def _divergence(pattern: Sequence[Step], places: Sequence[_Place], index: int) -> Divergence:
    awaited = dict.fromkeys(_awaits(pattern, p) or END for p in places)
    return Divergence(index, min(p.step for p in places), tuple(awaited))


def _awaits(pattern: Sequence[Step], place: _Place) -> str | None:
    """Return the state that matches at this position; None at the end."""
    return pattern[place.step].repeat[place.offset] if place.step < len(pattern) else None


def _advance(pattern: Sequence[Step], place: _Place) -> _Place:
    step = pattern[place.step]
    if place.offset + 1 < len(step.repeat):
        return _Place(place.step, place.rounds, place.offset + 1)
    # Without an upper limit, rounds beyond the minimum are equivalent.
    rounds = place.rounds + 1
    return _Place(place.step, rounds if step.max is not None else min(rounds, step.min))


def _closure(pattern: Sequence[Step], places: Sequence[_Place]) -> tuple[_Place, ...]:
    """Return these positions, and the positions that can be reached from them without entering a state."""
    found: dict[_Place, None] = {}
    waiting = list(places)
    while waiting:
        place = waiting.pop(0)
        step = pattern[place.step] if place.step < len(pattern) else None
        if step is None or place.offset or step.max is None or place.rounds < step.max:
            found[place] = None
        if step is not None and not place.offset and place.rounds >= step.min:
            waiting.append(_Place(place.step + 1))
    return tuple(found)


def names(wanted: tuple[Step, ...]) -> Iterator[Name]:
    """Yield the states in a path."""
    for index, step in enumerate(wanted):
        for number, state in enumerate(step.repeat):
            yield Name("state of a run", state, (index, "repeat", number))


def record(runs: Sequence[Run], _observations: Sequence[Observation]) -> Json:
    """Return the path with repetitions shortened, if it is the same in all runs."""
    path = only(run.execution.path for run in runs)
    return None if path is None else shortened(path)


def shortened(path: Sequence[str]) -> list[Json]:
    """Return a path in which repeated states are grouped.

    >>> shortened(["A", "B", "C", "B", "C", "B", "C", "D"])
    ['A', {'repeat': ['B', 'C'], 'min': 3, 'max': 3}, 'D']
    """
    found: list[Json] = []
    at = 0
    while at < len(path):
        length, rounds = _group(path, at)
        if rounds > 1:
            found.append({"repeat": list(path[at : at + length]), "min": rounds, "max": rounds})
        else:
            found.append(path[at])
        at += length * rounds
    return found


def _group(path: Sequence[str], at: int) -> tuple[int, int]:
    """Return the length of the group at a position, and its number of repetitions (at least three)."""
    for length in range(1, min(_LONGEST_GROUP, (len(path) - at) // _FEWEST) + 1):
        group, rounds = path[at : at + length], 1
        while path[at + rounds * length : at + (rounds + 1) * length] == group:
            rounds += 1
        if rounds >= _FEWEST:
            return length, rounds
    return 1, 1


EXPECTATION = PerRun(
    key="path",
    wanted=tuple[Step, ...],
    description="States in the order in which they are entered. Use `{repeat: [A, B]}` for loops.",
    names=names,
    compare=compare,
    record=record,
)
