"""Settings that also exist in a scenario's `stack`. They are checked like the keys in a scenario file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.given import GIVEN

if TYPE_CHECKING:
    from harness.scenario.base import Model
    from harness.scenario.source import Marks


def parts_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems in the parts that `stack` also has, in the wording used for scenario files."""
    if not isinstance(value, dict):
        yield f"{name} must be a table; write [tool.harness.{name}]"
        return
    from pydantic import ValidationError  # noqa: PLC0415  (start-up)

    from harness.scenario.source import Source  # noqa: PLC0415
    from harness.scenario.wording import problems  # noqa: PLC0415

    model = _model(name)
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        for detail, problem in zip(
            error.errors(include_url=False),
            problems(error, model, {name: value}, Source(Path(name), marks=_marks({name: value}))),
            strict=False,
        ):
            where = ".".join(map(str, (each for each in detail["loc"] if each != "[key]")))
            remedy = f"; {problem.remedy}" if problem.remedy else ""
            message = problem.message.removeprefix(f"{detail['loc'][-1]}: ")
            yield f"{where}: {message}{remedy}"


def _marks(value: object, *keys: str) -> dict[tuple[str | int, ...], Marks]:
    """Add a position to every entry, so that messages show its keys."""
    from harness.scenario.source import Marks  # noqa: PLC0415  (start-up)

    found: dict[tuple[str | int, ...], Marks] = {keys: Marks((1, 1), (1, 1))}
    for key, each in value.items() if isinstance(value, dict) else ():
        found |= _marks(each, *keys, key)
    return found


def _model(name: str) -> type[Model]:
    """Return the model that contains the part with this name."""
    from harness.scenario.given import GivenValues  # noqa: PLC0415  (start-up)
    from harness.scenario.plain import GivenParts  # noqa: PLC0415

    return GivenValues if name in GIVEN else GivenParts


def parts(name: str) -> Callable[[object, Path], Mapping[str, Any]]:
    """Return a function that creates one of the parts from its table."""

    def made(value: object, root: Path) -> Mapping[str, Any]:
        from harness.scenario.given import GivenValues  # noqa: PLC0415  (start-up)
        from harness.scenario.plain import GivenParts  # noqa: PLC0415

        if name in GIVEN:
            return GivenValues.model_validate({name: value}).given()[name]
        return GivenParts.model_validate({name: value}).given(root)[name]

    return made
