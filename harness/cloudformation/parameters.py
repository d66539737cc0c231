"""Declarations, values and checks for a template's parameters."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import Fault, raise_any, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject, as_dict

SSM_VALUE: Final = "AWS::SSM::Parameter::Value<"
_CONSTRAINTS: Final = ("AllowedPattern", "AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue")
LISTS: Final = ("CommaDelimitedList", "List<", f"{SSM_VALUE}List<", f"{SSM_VALUE}CommaDelimitedList")
_TYPE: Final = re.compile(
    r"String|Number|CommaDelimitedList|List<(Number|String|AWS::[\w:]+)>|AWS::(?!SSM::Parameter::Value)[\w:]+"
    r"|AWS::SSM::Parameter::Value<(String|CommaDelimitedList|List<String>|(List<)?AWS::[\w:]+>?)>"
)
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
# Java character classes that Python's `re` does not support.
_CLASS: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\p\{\w+\}|\\.")
_CLASSES: Final = {"Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Lower": "a-z", "Upper": "A-Z"}

LookUp = Callable[[str], str | None]
"""Returns the value of a Parameter Store parameter, or None if it does not exist.

Raises Open if the value is not known yet.
"""


@dataclass(frozen=True)
class Parameters:
    """The values of a stack's parameters.

    `texts` are the original strings, or the defaults. `values` are the results of `Ref`, which are lists for
    list types. `hidden` are the parameters that NoEcho hides.
    """

    texts: Mapping[str, str]
    values: Mapping[str, Json]
    hidden: frozenset[str]


def declared_in(template: JsonObject) -> Mapping[str, JsonObject]:
    """Return the parameter declarations in a template. Raises TemplateRefused."""
    section = template.get("Parameters", {})
    if not isinstance(section, dict):
        raise refuse("Template format error: Parameters must be an object", "Parameters")
    found: dict[str, JsonObject] = {}
    for name, entry in section.items():
        if not isinstance(entry, dict) or "Type" not in entry:
            raise refuse(
                f"Template format error: Every Parameters object must contain a Type member. [{name}]",
                *("Parameters", name),
            )
        kind = entry["Type"]
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            raise refuse(
                f"Template format error: Unrecognized parameter type: {kind}", *("Parameters", name, "Type")
            )
        if "Default" in entry and not is_scalar(entry["Default"]):
            raise refuse(
                f"Template format error: Every Default member must be a string. [{name}]",
                *("Parameters", name, "Default"),
            )
        found[name] = entry
    return found


def without_constraints(template: JsonObject) -> JsonObject:
    """Return the template without parameter constraints, because placeholder values need not meet them."""
    parameters: JsonObject = {}
    for name, entry in as_dict(template.get("Parameters")).items():
        kept = {key: value for key, value in as_dict(entry).items() if key not in _CONSTRAINTS}
        kind = str(kept.get("Type"))
        if not kind.startswith(SSM_VALUE):
            kept["Type"] = "CommaDelimitedList" if kind.startswith(LISTS) else "String"
        parameters[name] = kept
    return {**{key: value for key, value in template.items() if key != "Rules"}, "Parameters": parameters}


def required_in(template: JsonObject) -> tuple[str, ...]:
    """Return the names of a template's parameters that have no default."""
    section = as_dict(template.get("Parameters"))
    return tuple(name for name, entry in section.items() if "Default" not in as_dict(entry))


def resolve(
    template: JsonObject, given: Mapping[str, str], look_up: LookUp | None = None, *, partial: bool = False
) -> Parameters:
    """Return the values of a template's parameters. Unknown values from the Parameter Store are left out.

    With `partial`, more values may follow later.

    Raises TemplateRefused.
    """
    declared = declared_in(template)
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise refuse(f"Parameters: [{', '.join(unknown)}] do not exist in the template", "Parameters")
    missing = [name for name in required_in(template) if name not in given]
    if missing and not partial:
        raise refuse(f"Parameters: [{', '.join(missing)}] must have values", "Parameters", missing[0])
    declared = {name: entry for name, entry in declared.items() if name not in missing}
    texts = {name: given.get(name, _default(entry)) for name, entry in declared.items()}
    raise_any(
        Fault(("Parameters", name), message)
        for name, entry in declared.items()
        for message in _problems(name, entry, texts[name])
    )
    values: dict[str, Json] = {}
    for name, entry in declared.items():
        kind, text = str(entry["Type"]), texts[name]
        if kind.startswith(SSM_VALUE):
            if look_up is None:
                continue
            try:
                text = _stored(text, look_up)
            except Open:
                continue
        values[name] = [part.strip() for part in text.split(",")] if kind.startswith(LISTS) else text
    hidden = frozenset(
        name for name, entry in declared.items() if str(entry.get("NoEcho", "")).lower() == "true"
    )
    return Parameters(texts, values, hidden)


def _default(entry: JsonObject) -> str:
    default = entry.get("Default")
    return text_of(default) if is_scalar(default) else ""


def stored_values(template: JsonObject, given: Mapping[str, str], look_up: LookUp | None) -> dict[str, str]:
    """Return the Parameter Store values that parameters refer to, if they exist."""
    found: dict[str, str] = {}
    for name, entry in as_dict(template.get("Parameters")).items():
        if look_up is None or as_dict(entry).get("Type") != f"{SSM_VALUE}String>":
            continue
        value = look_up(given.get(name, _default(as_dict(entry))))
        if value is not None:
            found[name] = value
    return found


def _stored(name: str, look_up: LookUp) -> str:
    found = look_up(name)
    if found is None:
        raise refuse(f"Unable to fetch parameters [{name}] from parameter store for this account.")
    return found


def _problems(name: str, entry: JsonObject, text: str) -> Iterator[str]:
    """Return a sentence for each constraint that a value violates, in CloudFormation's wording."""
    kind = str(entry["Type"])
    parts = [part.strip() for part in text.split(",")] if kind.startswith(LISTS) else [text]
    found = list(_constraint_problems(name, entry, kind, parts))
    description = entry.get("ConstraintDescription")
    if found and isinstance(description, str):
        yield f"Parameter {name} failed to satisfy constraint: {description}"
    else:
        yield from found[:1]


def _constraint_problems(name: str, entry: JsonObject, kind: str, parts: list[str]) -> Iterator[str]:
    allowed = entry.get("AllowedValues")
    if isinstance(allowed, list):
        texts = [text_of(value) for value in allowed if is_scalar(value)]
        if any(part not in texts for part in parts):
            yield f"Parameter '{name}' must be one of AllowedValues"
    if kind in ("Number", "List<Number>"):
        yield from _number_problems(name, entry, parts)
        return
    pattern = _pattern(entry.get("AllowedPattern"))
    if pattern is not None and not all(pattern.fullmatch(part) for part in parts):
        yield f"Parameter '{name}' must match pattern {entry['AllowedPattern']}"
    for bound, word, fails in (("MinLength", "least", int.__lt__), ("MaxLength", "most", int.__gt__)):
        limit = _number(entry.get(bound))
        if limit is not None and any(fails(len(part), int(limit)) for part in parts):
            yield f"Parameter '{name}' must contain at {word} {text_of_bound(limit)} characters"


def _number_problems(name: str, entry: JsonObject, parts: list[str]) -> Iterator[str]:
    if not all(_NUMBER.fullmatch(part) for part in parts):
        yield f"Parameter '{name}' must be a number."
        return
    for bound, word, fails in (("MinValue", "less", float.__lt__), ("MaxValue", "greater", float.__gt__)):
        limit = _number(entry.get(bound))
        if limit is not None and any(fails(float(part), limit) for part in parts):
            yield f"Parameter '{name}' must be a number not {word} than {text_of_bound(limit)}"


def text_of_bound(limit: float) -> str:
    """Return a bound as it is written in the template: without a decimal point if it is a whole number."""
    return str(int(limit)) if limit.is_integer() else text_of(limit)


def _number(value: Json) -> float | None:
    text = text_of(value) if is_scalar(value) else ""
    return float(text) if _NUMBER.fullmatch(text) else None


def _pattern(value: Json) -> re.Pattern[str] | None:
    """Convert a Java pattern to a Python regular expression. None for a pattern that only Java supports,
    which is not checked.
    """
    if not isinstance(value, str):
        return None
    text = _CLASS.sub(_python_class, value)
    try:
        with warnings.catch_warnings():
            # a nested class, which Python interprets differently
            warnings.simplefilter("error", FutureWarning)
            return re.compile(text, re.ASCII)  # in Java, \w and \d match only ASCII
    except (re.error, FutureWarning):
        return None


def _python_class(match: re.Match[str]) -> str:
    """Return a bracketed character class with its named classes expanded."""
    text = match[0]
    whole = text.startswith("[")
    return re.sub(
        r"\\p\{(\w+)\}",
        lambda m: (_CLASSES[m[1]] if whole else f"[{_CLASSES[m[1]]}]") if m[1] in _CLASSES else m[0],
        text,
    )
