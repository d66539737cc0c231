"""`AWS::LanguageExtensions`: expands the loops of Fn::ForEach.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re

from harness.cloudformation.evaluate import Evaluator, Open, is_open
from harness.cloudformation.faults import Key, refuse
from harness.cloudformation.functions import EXTENSIONS, FOR_EACH, function_of, references
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject

SECTIONS = ("Conditions", "Resources", "Outputs")
_PLAIN = ("Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub")


def expanded(template: JsonObject, evaluator: Evaluator) -> JsonObject:
    """Return the template with its loops expanded. Raises TemplateRefused."""
    return {
        name: _expanded(section, evaluator, (name,)) if name in SECTIONS else section
        for name, section in template.items()
    }


def worked_out(value: Json, evaluator: Evaluator) -> Json:
    """Return a value in which the transform's functions are evaluated, as are other functions without
    references.
    """
    called = function_of(value)
    known = called is not None and called[0] in _PLAIN and not any(references(value))
    if called is not None and (called[0] in EXTENSIONS or known):
        found = evaluator.value(value)
        return value if is_open(found) else found
    if isinstance(value, dict):
        return {key: worked_out(entry, evaluator) for key, entry in value.items()}
    return [worked_out(entry, evaluator) for entry in value] if isinstance(value, list) else value


def has_loops(value: Json) -> bool:
    """Return whether a value contains a loop."""
    if isinstance(value, dict):
        return any(key.startswith(FOR_EACH) or has_loops(entry) for key, entry in value.items())
    return isinstance(value, list) and any(has_loops(entry) for entry in value)


def _expanded(value: Json, evaluator: Evaluator, keys: tuple[Key, ...]) -> Json:
    if isinstance(value, list):
        return [_expanded(entry, evaluator, (*keys, n)) for n, entry in enumerate(value)]
    if not isinstance(value, dict):
        return value
    made: JsonObject = {}
    for key, entry in value.items():
        if not key.startswith(FOR_EACH):
            made[key] = _expanded(entry, evaluator, (*keys, key))
            continue
        for name, each in _loop(key, entry, evaluator, (*keys, key)).items():
            if name in made:
                raise refuse(f"Template format error: {key} creates {name} a second time", *keys, key)
            made[name] = each
    return made


def _loop(name: str, argument: Json, evaluator: Evaluator, keys: tuple[Key, ...]) -> JsonObject:
    if (
        not isinstance(argument, list)
        or len(argument) != 3
        or not isinstance(argument[0], str)
        or not isinstance(argument[2], dict)
    ):
        raise refuse(
            f"Template error: {name} could not be resolved: a loop is a list of an identifier, a "
            "collection and "
            "an object",
            *keys,
        )
    identifier, collection, body = argument
    found = evaluator.value(collection)
    if is_open(found) and all(each.function == "Ref" for each in references(found)):
        raise Open(f"Template error: {name} could not be resolved: its collection is not known yet")
    if not isinstance(found, list) or is_open(found) or not all(is_scalar(entry) for entry in found):
        raise refuse(
            f"Template error: {name} could not be resolved: its collection is not a list of strings that is "
            "known before any resource is created",
            *keys,
            1,
        )
    made: JsonObject = {}
    for text in [text_of(entry) for entry in found if is_scalar(entry)]:
        round_ = _expanded(_filled(body, str(identifier), text), evaluator, (*keys, 2))
        assert isinstance(round_, dict)
        for key, entry in round_.items():
            if key in made:
                raise refuse(f"Template error: {name} creates {key} more than once", *keys, 2)
            made[key] = entry
    return made


def _filled(value: Json, identifier: str, text: str) -> Json:
    """Return a body with the identifier replaced: `${Name}`, `&{Name}` without special characters, and
    `{"Ref": "Name"}`.
    """
    if isinstance(value, str):
        plain = re.sub(r"[^A-Za-z0-9]", "", text)
        return value.replace(f"${{{identifier}}}", text).replace(f"&{{{identifier}}}", plain)
    if isinstance(value, list):
        return [_filled(entry, identifier, text) for entry in value]
    if isinstance(value, dict):
        if value == {"Ref": identifier}:
            return text
        return {
            str(_filled(key, identifier, text)): _filled(entry, identifier, text)
            for key, entry in value.items()
        }
    return value
