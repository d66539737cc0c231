"""Rejects templates whose external values are missing. The message contains lines to paste."""

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
    """Templates require external values that are not set. The message lists each reference and the lines
    to paste.
    """


@dataclass(frozen=True)
class Missing:
    """A value that a stack requires, and the reason why it is missing. If there is no `remedy`, it must be
    set.
    """

    stack: Planned
    want: Want
    why: str
    remedy: str = ""


def check_given(planned: Sequence[Planned], given: Given, place: Place, engine: str) -> None:
    """Check that each external value that templates require is set, or created by an earlier stack.

    Raises:
        MissingValues: some are missing.
        TemplateError: a template cannot be read, or is rejected.
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
    """Return each external value that is neither set nor created by an earlier stack.

    Raises:
        TemplateError: a template cannot be read, or is rejected.
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
                continue  # a nested stack; the engine determines the order of creation
            if later:
                why = f"the stack {later}, which exports {want.name}, is deployed after {stack.name}"
                yield Missing(stack, want, why, f"move {later} before it")
            else:
                yield Missing(stack, want, why)


def named(want: Want) -> str:
    """Return a phrase for a required value, with its kind: `export net-vpc`."""
    if want.kind == "output":
        return f"output {want.output} of {want.name}"
    return f"{'SSM parameter' if want.kind == 'parameter' else want.kind} {want.name}"


def _problem(want: Want, given: Given, made: Made, place: Place, engine: str) -> str:
    """Return a phrase about the missing value, or ""."""
    if want.kind == "output":
        stack = given.outputs.get(want.name)
        if want.name in made.outputs or (stack and want.output in stack.values):
            return ""
        return f"the stack {want.name} is not deployed, and its output {want.output} is not set"
    if made.has(want.kind, want.name) or (want.kind in made.unknown and not _is_public(want)):
        return ""
    if want.kind == "export":
        return "" if want.name in given.exports else f"no earlier stack exports {want.name}"
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
        return f"{want.name} is set as a {found.type}"
    if want.name.startswith((_OF_SECRETS, _BOOTSTRAP)):
        return ""
    if _is_public(want):
        if engine != "moto":
            return ""  # the engine decides
        from harness.engine.moto.public_parameters import is_there  # noqa: PLC0415  (start-up)

        return "" if is_there(want.name, place) else f"the engine has no public parameter {want.name}"
    return f"{'SecureString' if want.secure else 'parameter'} {want.name} does not exist in SSM"


def _secret_problem(want: Want, given: Given, made: Made) -> str:
    names = _names_of(want.name)
    if any(made.has("secret", name) for name in names):
        return ""
    found = next((given.secrets[name] for name in names if name in given.secrets), None)
    if found is None:
        return f"secret {want.name} does not exist"
    if not want.member or want.member in _members(found.text):
        return ""
    return f"the secret {want.name} has no member {want.member}"


def _names_of(secret_id: str) -> tuple[str, ...]:
    """Return the possible names of a secret: its ARN, and the name in the ARN, without the six characters
    that AWS adds.
    """
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
    """Return the lines that set the values, for pyproject.toml and for a scenario."""
    entries = _entries(wants)
    yield "set their values in pyproject.toml:"
    for key, values in entries.items():
        yield f"    [tool.harness.{key}]"
        yield from (f"    {json.dumps(name)} = {_toml(value)}" for name, value in values.items())
    yield "or in a scenario, for that scenario only:"
    yield "    stack:"
    for key, values in entries.items():
        yield f"      {key}:"
        yield from (f"        {name}: {_yaml(value)}" for name, value in values.items())


def _entries(wants: Sequence[Want]) -> dict[str, dict[str, Any]]:
    """Return sample values by key and name. Each is a string or a mapping."""
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
