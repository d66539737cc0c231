"""External values in a scenario and the settings, and the subset to set on an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.given import Given
from harness.planned import Planned
from harness.regions import Place
from harness.scenario.given import given_in
from harness.scenario.model import Scenario
from harness.scenario.position import Problem, ScenarioError
from harness.settings import Settings
from harness.stack.naming import Declarations
from harness.stack.nested import with_nested
from harness.stack.stack_choice import stacks_of
from harness.stack.stack_values import Made, looked_at
from harness.stack.template import TemplateError


def given_by(scenario: Scenario | None, settings: Settings) -> Given:
    """Return the external values in a scenario and the settings. For the same key, the scenario takes
    precedence.

    They come from its `stack` and its `seed`, except seed values for a template's own resources.

    Raises:
        ScenarioError: two entries in the scenario set different values for one name.
    """
    found = Given()
    for number, stack in enumerate(scenario.stacks if scenario else ()):
        own = stack.given
        for key, name in _clashes(found, own):
            assert scenario is not None
            where = scenario.stack_position(number, key, name, of="value")
            message = f"{key}: another entry in stack sets a different value for {name}"
            raise ScenarioError([Problem(where, message, "set it once")])
        found = own.over(found)
    if scenario is not None and (seeded := _seeded(scenario, settings)):
        for key, name in _clashes(found, seeded):
            part = "parameters" if key == "ssm" else key
            where = scenario.position("seed", part, name, of="value")
            message = f"{key} in stack sets a different value for {name}"
            raise ScenarioError([Problem(where, message, "set it once")])
        found = seeded.over(found)
    return found.over(settings.given)


def _seeded(scenario: Scenario, settings: Settings) -> Given:
    """Return the parameters and secrets in `seed` whose names are not logical IDs in a template."""
    seed = scenario.seed
    if not (seed.parameters or seed.secrets):
        return Given()
    try:
        declarations = Declarations.of(stacks_of(scenario, settings))
    except TemplateError:  # reported when the template is checked
        return Given()
    return given_in(
        {},
        {},
        {name: each for name, each in seed.parameters.items() if not declarations.called(name, "parameter")},
        {name: text for name, text in seed.secrets.items() if not declarations.called(name, "secret")},
    )


def _clashes(one: Given, other: Given) -> Iterator[tuple[str, str]]:
    for key in ("exports", "ssm", "secrets"):
        first: Mapping[str, Any] = getattr(one, key)
        second: Mapping[str, Any] = getattr(other, key)
        yield from ((key, name) for name in first.keys() & second.keys() if first[name] != second[name])
    for stack in one.outputs.keys() & other.outputs.keys():
        left, right = one.outputs[stack].values, other.outputs[stack].values
        if any(left[name] != right[name] for name in left.keys() & right.keys()):
            yield "outputs", stack


def to_give(planned: Sequence[Planned], given: Given, place: Place) -> Given:
    """Return the values to set on the engine, without the values that the stacks create themselves.

    Raises:
        TemplateError: a template cannot be read, or is rejected.
    """
    if not given:
        return given
    made = Made()
    for stack in with_nested(planned, place):
        made = made.with_those_of(stack.name, looked_at(stack, given, place).making)
    return Given(
        {name: value for name, value in given.exports.items() if not made.has("export", name)},
        {name: value for name, value in given.outputs.items() if name not in made.outputs},
        {name: value for name, value in given.ssm.items() if not made.has("parameter", name)},
        {name: value for name, value in given.secrets.items() if not made.has("secret", name)},
    )
