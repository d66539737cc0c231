"""Resolves the names in a definition, and collects the reasons why Step Functions rejects it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.json_types import Json, JsonObject, as_dict
from harness.scenario.position import Problem
from harness.scenario.wording import shortened
from harness.stack.definition_names import (
    PLACEHOLDER,
    PSEUDO_SAMPLES,
    Reference,
    function_named,
    pseudo_parameter,
    reference_in,
)
from harness.stack.definition_resources import SAMPLES, Names, Unresolved
from harness.stack.definition_text import DefinitionRefused, position, read_definition, refusals
from harness.stack.nodes import Key

_KEYS: Final = {
    "function": "FunctionName",
    "topic": "TopicArn",
    "machine": "StateMachineArn",
    "table": "TableName",
}
"""Keys whose values are names of resources of a kind."""
_HIDDEN: Final = "\ue000{"
"""Replacement for `${` in the value of a substitution, so that it is not substituted again."""


class Machine:
    """A definition with its names resolved.

    `text` contains substitutions, and `values` their values, as in a template. `named` has the keys of the
    first mention of each logical ID. `problems` lists everything that is wrong.
    """

    def __init__(self, file: Path, names: Names, substitutions: Sequence[tuple[str, str]]) -> None:
        self.file = file
        self.text = ""
        self.values: JsonObject = {}
        self.named: dict[str, tuple[Key, ...]] = {}
        self.problems: list[Problem] = []
        self._names = names
        self._samples: dict[str, str] = {}
        self._source = ""
        self._substitutions = dict(substitutions)
        try:
            self._read()
        except DefinitionRefused as error:
            self.problems += error.problems

    def _read(self) -> None:
        self._source, definition = read_definition(self.file, self._given)
        if "Resources" in as_dict(definition) and "States" not in as_dict(definition):
            self._problem((), "the file is a CloudFormation template", "use the key `template` for it")
            return
        resolved = self._resolved(definition, (), "")
        if not self.problems:
            self.text = json.dumps(resolved, ensure_ascii=False)
            sample = PLACEHOLDER.sub(lambda m: self._samples.get(m[1], m[0]), self.text)
            for message, keys in refusals(sample.replace(_HIDDEN, "${")):
                self._problem(keys, message, "")
            self.text = self.text.replace(_HIDDEN, "${")

    def _given(self, text: str) -> str:
        """Return a string with its substitutions replaced."""

        def one(name: str) -> str:
            given = self._substitutions.get(name)
            return f"${{{name}}}" if given is None else given.replace("${", _HIDDEN)

        return PLACEHOLDER.sub(lambda match: one(match[1]), text)

    def _resolved(self, value: Json, keys: tuple[Key, ...], resource: str) -> Json:
        """Return a value in which references replace names. `resource` is the Resource of the enclosing
        task.
        """
        if isinstance(value, list):
            return [self._resolved(each, (*keys, n), resource) for n, each in enumerate(value)]
        if isinstance(value, str):
            return self._text(value, keys, resource)
        if not isinstance(value, dict):
            return value
        if value.get("Type") == "Task" and isinstance(value.get("Resource"), str):
            resource = str(value["Resource"])
        found: JsonObject = {}
        for key, each in value.items():
            found[self._key(key, keys, resource)] = self._resolved(each, (*keys, key), resource)
        self._qualify(value, found, keys)
        return found

    def _key(self, key: str, keys: tuple[Key, ...], resource: str) -> str:
        """Return a resolved key. Keys of `RequestItems` are table names."""
        if keys[-1:] == ("RequestItems",) and "dynamodb" in resource and not PLACEHOLDER.search(key):
            self._reference(Reference("table", key, form="name"), (*keys, key))
            return key
        return self._filled(self._given(key), (*keys, key))

    def _qualify(self, value: JsonObject, found: JsonObject, keys: tuple[Key, ...]) -> None:
        name, qualifier = value.get("FunctionName"), value.get("Qualifier")
        if isinstance(name, str) and isinstance(qualifier, str) and qualifier not in ("", "$LATEST"):
            if "{%" in qualifier or "${" in qualifier or self.problems:
                return
            function = (reference_in(name) or function_named(name)).name
            if function in self._names.known["function"]:
                made = self._names.version(function, qualifier)
                found["Qualifier"] = made if isinstance(made, str) else self._token(made, "1")

    def _text(self, text: str, keys: tuple[Key, ...], resource: str) -> Json:
        text, key = self._given(text), str(keys[-1]) if keys else ""
        if "{%" in text or key.endswith(".$"):
            return self._filled(text, keys)
        if found := reference_in(text):
            if placeholder := PLACEHOLDER.fullmatch(found.name):
                found = self._names.like(placeholder[1], _KEYS.get(found.kind, "")) or found
            if open_ := PLACEHOLDER.search(found.name):
                remedy = f"add its value: substitutions: {{{open_[1]}: ...}}"
                self._problem(keys, f"{open_[0]} has no value", remedy)
                return ""
            return self._reference(found, keys)
        if PLACEHOLDER.search(text):
            return self._filled(text, keys)
        if key == "FunctionName" and "lambda" in resource and not text.startswith("arn:"):
            return self._reference(function_named(text), keys)
        if key == "TableName" and "dynamodb" in resource and not text.startswith("arn:"):
            return self._reference(Reference("table", text, form="name"), keys)
        return text

    def _reference(self, found: Reference, keys: tuple[Key, ...]) -> Json:
        try:
            value = self._names.value(found)
        except Unresolved as error:
            self._problem(keys, error.message, error.remedy)
            return ""
        names = as_dict(value).get("Ref") or as_dict(value).get("Fn::GetAtt")
        self.named.setdefault(str(names[0] if isinstance(names, list) else names), keys)
        return self._token(value, SAMPLES[found.kind])

    def _filled(self, text: str, keys: tuple[Key, ...]) -> str:
        """Return a string with its placeholders replaced."""

        def one(name: str) -> str:
            if pseudo := pseudo_parameter(name):
                return self._token({"Ref": pseudo}, PSEUDO_SAMPLES[pseudo])
            found = self._names.like(name, str(keys[-1]) if keys else "")
            if found is not None:
                return str(self._reference(found, keys))
            remedy = f"add its value: substitutions: {{{name}: ...}}"
            functions = self._names.known["function"]
            remedy += (
                f", or give a function this name; functions: {shortened(functions)}" if functions else ""
            )
            self._problem(keys, f"${{{name}}} has no value", remedy)
            return ""

        return PLACEHOLDER.sub(lambda match: one(match[1]), text)

    def _token(self, value: Json, sample: str) -> str:
        """Add a substitution for a value in the template."""
        name = next(
            (name for name, known in self.values.items() if known == value), f"Given{len(self.values)}"
        )
        self.values[name] = value
        self._samples[name] = sample
        return f"${{{name}}}"

    def _problem(self, keys: Sequence[Key], message: str, remedy: str) -> None:
        self.problems.append(Problem(position(self.file, self._source, keys), message, remedy))
