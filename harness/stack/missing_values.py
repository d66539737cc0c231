"""Refuses templates that want values of elsewhere which nobody gives, with the lines to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.cloudformation.faults import Fault
from harness.cloudformation.wanted import Kind, Want
from harness.given import Given
from harness.planned import Planned
from harness.regions import Place
from harness.stack.nested import with_nested
from harness.stack.stack_values import Made, looked_at, may_want
from harness.stack.template import TemplateError, error_of

_BOOTSTRAP: Final = "/cdk-bootstrap/"
_PUBLIC: Final = "/aws/"
_OF_SECRETS: Final = "/aws/reference/secretsmanager/"
_KEYS: Final[Mapping[Kind, str]] = {
    "export": "exports",
    "output": "outputs",
    "parameter": "ssm",
    "secret": "secrets",
}


class MissingValues(TemplateError):
    """Templates want values that nobody gives; the message has each reference and the lines to paste."""


@dataclass(frozen=True)
class Missing:
    """A value that a stack wants, and why it is not there; without a `remedy` it is to be given."""

    stack: Planned
    want: Want
    why: str
    remedy: str = ""


def check_given(planned: Sequence[Planned], given: Given, place: Place, engine: str) -> None:
    """Check that each value that templates take from elsewhere is given, or made by a stack before.

    Raises:
        MissingValues: some are not.
        TemplateError: a template cannot be read, or is refused.
    """
    problems: list[str] = []
    wants: dict[Want, None] = {}
    for each in missing_in(planned, given, place, engine):
        fault = Fault(each.want.keys, f"{each.want.reference}: {each.why}", each.remedy)
        problems += str(error_of(each.stack.template, [fault])).splitlines()
        if not each.remedy:
            wants[replace(each.want, keys=())] = None
    if problems:
        pasted = _to_paste(tuple(wants)) if wants else ()
        raise MissingValues("\n".join([*dict.fromkeys(problems), *pasted]))


def missing_in(planned: Sequence[Planned], given: Given, place: Place, engine: str) -> Iterator[Missing]:
    """Each value of elsewhere that is neither given nor made by a stack before.

    Raises:
        TemplateError: a template cannot be read, or is refused.
    """
    stacks = with_nested(planned, place)
    if not any(may_want(stack, place) for stack in stacks):
        return
    found = [(stack, looked_at(stack, given, place)) for stack in stacks]
    exporting = {name: stack.name for stack, looked in found for name in looked.making.exports}
    made = Made()
    for stack, looked in found:
        made = made.with_those_of(stack.name, looked.making)
        for want in looked.wants:
            if not (why := _problem(want, given, made, place, engine)):
                continue
            later = exporting.get(want.name, "") if want.kind == "export" else ""
            if later.startswith(f"{stack.name}."):
                continue  # a stack in it; the engine says in which order they are made
            if later:
                why = f"the stack {later}, which exports {want.name}, is deployed after {stack.name}"
                yield Missing(stack, want, why, f"put {later} before it")
            else:
                yield Missing(stack, want, why)


def named(want: Want) -> str:
    """Name what is wanted, with its kind: `export net-vpc`."""
    if want.kind == "output":
        return f"output {want.output} of {want.name}"
    return f"{'SSM parameter' if want.kind == 'parameter' else want.kind} {want.name}"


def _problem(want: Want, given: Given, made: Made, place: Place, engine: str) -> str:
    """A phrase about what is missing, or ""."""
    if want.kind == "output":
        stack = given.outputs.get(want.name)
        if want.name in made.outputs or (stack and want.output in stack.values):
            return ""
        return f"the stack {want.name} is not deployed here, and its output {want.output} is not given"
    if made.has(want.kind, want.name) or (want.kind in made.unknown and not _is_public(want)):
        return ""
    if want.kind == "export":
        return "" if want.name in given.exports else f"no stack before exports {want.name}"
    return (
        _secret_problem(want, given, made)
        if want.kind == "secret"
        else _parameter_problem(want, given, place, engine)
    )


def _is_public(want: Want) -> bool:
    return want.kind == "parameter" and want.name.startswith(_PUBLIC)


def _parameter_problem(want: Want, given: Given, place: Place, engine: str) -> str:
    if (found := given.ssm.get(want.name)) is not None:
        if (found.type == "SecureString") is want.secure:
            return ""
        return f"{want.name} is given as a {found.type}"
    if want.name.startswith((_OF_SECRETS, _BOOTSTRAP)):
        return ""
    if _is_public(want):
        if engine != "moto":
            return ""  # the engine knows
        from harness.engine.moto.public_parameters import is_there  # noqa: PLC0415  (start-up)

        return "" if is_there(want.name, place) else f"the engine has no public parameter {want.name}"
    return f"there is no {'SecureString' if want.secure else 'parameter'} {want.name} in SSM"


def _secret_problem(want: Want, given: Given, made: Made) -> str:
    names = _names_of(want.name)
    if any(made.has("secret", name) for name in names):
        return ""
    found = next((given.secrets[name] for name in names if name in given.secrets), None)
    if found is None:
        return f"there is no secret {want.name}"
    if not want.member or want.member in _members(found.text):
        return ""
    return f"the secret {want.name} is given without {want.member}"


def _names_of(secret_id: str) -> tuple[str, ...]:
    """The names by which a secret may be given: its ARN, and its name there, without AWS's six characters."""
    name = secret_id.split(":", 6)[-1] if secret_id.startswith("arn:") else secret_id
    short = name[:-7] if secret_id.startswith("arn:") and name[-7:-6] == "-" else name
    return secret_id, name, short


def _members(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _to_paste(wants: Sequence[Want]) -> Iterator[str]:
    """The lines that give the values, for pyproject.toml and for a scenario."""
    entries = _entries(wants)
    yield "write their values into pyproject.toml:"
    for key, values in entries.items():
        yield f"    [tool.harness.{key}]"
        yield from (f"    {json.dumps(name)} = {_toml(value)}" for name, value in values.items())
    yield "or into a scenario, for that alone:"
    yield "    stack:"
    for key, values in entries.items():
        yield f"      {key}:"
        yield from (f"        {name}: {_yaml(value)}" for name, value in values.items())


def _entries(wants: Sequence[Want]) -> dict[str, dict[str, Any]]:
    """By key and name, an example of the value: a text, or a mapping."""
    found: dict[str, dict[str, Any]] = {_KEYS[want.kind]: {} for want in wants}
    for want in wants:
        of_key, inner = (
            found[_KEYS[want.kind]],
            want.output or want.member or ("secure" if want.secure else ""),
        )
        if inner:
            of_key[want.name] = {**of_key.get(want.name, {}), inner: "..."}
        else:
            of_key.setdefault(want.name, ["..."] if want.several else "...")
    return found


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {json.dumps(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {json.dumps(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)
