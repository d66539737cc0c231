"""Checks for a task's parameters against the shape in its API.

The messages are AWS's: `The value for the field 'N' must be a STRING`. In Step Functions, members are
capitalized.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from harness.json_types import Json, JsonObject, is_number
from harness.service_names import capitalized, java_member

ATTRIBUTE_VALUE: Final = "AttributeValue"
"""The shape of a DynamoDB value."""


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: Final[Mapping[str, tuple[str, Callable[[Json], bool]]]] = {
    "boolean": ("a BOOLEAN", lambda value: isinstance(value, bool)),
    "integer": ("an INTEGER", _is_whole),
    "long": ("an INTEGER", _is_whole),
    "float": ("a NUMBER", is_number),
    "double": ("a NUMBER", is_number),
    "string": ("a STRING", lambda value: isinstance(value, str)),
    "timestamp": ("a STRING", lambda value: isinstance(value, str) or is_number(value)),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Differences between an integration and its API.

    Attributes:
        java: member names can be written as in the SDK for Java 2.
        objects_as_text: an object is converted to JSON text where the API expects a string.
        members: additional parameters, whose values are not checked.
        required: members that are required although the API does not require them.
        json: members that can be any JSON although the API expects a string.
        any_case: members of inner objects can begin with a lower-case letter, as in the API.
        text_attributes: a string can be used for a DynamoDB value of type S.
        text_booleans: the strings "true" and "false" can be used for booleans. Definitions published by AWS
            contain them as constants, so they are accepted as constants but not in computed values.
    """

    java: bool = False
    objects_as_text: bool = False
    members: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    json: frozenset[str] = frozenset()
    any_case: bool = False
    text_attributes: bool = False
    text_booleans: bool = False


def names_of(shape: StructureShape, *, java: bool) -> dict[str, str]:
    """Return a structure's members: their names in Step Functions, and in the API."""
    names = {capitalized(str(name)): str(name) for name in shape.members}
    if java:
        names |= {java_member(str(name)): str(name) for name in shape.members}
    return names


class Fields:
    """Checks the parameters of one operation.

    Args:
        shape: the operation's input shape, or None if it has none.
        computed: returns True for a key and value that are known only when the task runs.
    """

    def __init__(self, shape: Shape | None, rules: Rules, computed: Callable[[str, Json], bool]) -> None:
        self._shape = shape
        self._rules = rules
        self._computed = computed
        self._names: dict[tuple[str, bool], dict[str, str]] = {}

    def unfit(self, parameters: Json) -> Iterator[str]:
        """Return the problems with the given parameters, innermost last."""
        if not isinstance(parameters, dict):
            yield "The Parameters must be an OBJECT"
        elif isinstance(self._shape, StructureShape):
            yield from self._structure(self._shape, parameters, top=True)
        else:
            yield from (_unknown(name) for name in self._plain(parameters) if name not in self._rules.members)

    def missing(self, parameters: Json) -> Iterator[str]:
        """Return the missing required parameters. A null value is not reported because, as recorded, the
        service itself rejects it.
        """
        given = self._plain(parameters) if isinstance(parameters, dict) else {}
        names: list[str] = []
        if isinstance(self._shape, StructureShape):
            members: Mapping[str, Shape] = self._shape.members
            names = [
                str(name)
                for name in self._shape.required_members
                if not members[name].metadata.get("idempotencyToken")
            ]
        java = self._rules.java
        for name in [*names, *self._rules.required]:
            forms = {capitalized(name), java_member(name)} if java else {capitalized(name)}
            if not forms & given.keys():
                yield f"The field '{capitalized(name)}' is required but was missing"

    def _plain(self, value: JsonObject) -> JsonObject:
        """Return the fields, with `.$` removed from the names of computed fields."""
        return {
            key.removesuffix(".$") if self._computed(key, item) else key: item for key, item in value.items()
        }

    def _structure(self, shape: StructureShape, value: JsonObject, *, top: bool = False) -> Iterator[str]:
        if getattr(shape, "is_document_type", False):
            return
        names = self._names_of(shape, top=top)
        members: Mapping[str, Shape] = shape.members
        for key, item in value.items():
            computed = self._computed(key, item)
            name = key.removesuffix(".$") if computed else key
            if name not in names:
                if not (top and name in self._rules.members):
                    yield _unknown(name)
            elif not computed and item is not None:
                yield from self._value(members[names[name]], item, name)

    def _names_of(self, shape: StructureShape, *, top: bool) -> Mapping[str, str]:
        """Return the names of a structure's members, and the API's names. Cached for each structure."""
        known = self._names.get((shape.name, top))
        if known is None:
            known = names_of(shape, java=self._rules.java)
            if self._rules.any_case and not top:
                known |= {name: name for name in shape.members}
            self._names[shape.name, top] = known
        return known

    def _value(self, shape: Shape, value: Json, field: str) -> Iterator[str]:
        if field in self._rules.json:
            return
        if isinstance(shape, StructureShape):
            yield from self._object(shape, value, field)
        elif isinstance(shape, MapShape):
            yield from self._map(shape, value, field)
        elif isinstance(shape, ListShape):
            yield from self._list(shape, value, field)
        elif shape.type_name in _KINDS:
            kind, fits = _KINDS[shape.type_name]
            if self._rules.text_booleans and shape.type_name == "boolean" and value in ("true", "false"):
                return
            as_text = self._rules.objects_as_text and shape.type_name == "string"
            if not fits(value) and not (as_text and isinstance(value, dict | list)):
                yield _must_be(field, kind)

    def _object(self, shape: StructureShape, value: Json, field: str) -> Iterator[str]:
        attribute = shape.name == ATTRIBUTE_VALUE
        if attribute and self._rules.text_attributes and isinstance(value, str):
            return
        if not isinstance(value, dict):
            yield _must_be(field, "an OBJECT")
        elif attribute and self._rules.objects_as_text:
            # In a DynamoDB value, an object is not converted to a string.
            strict = Fields(shape, replace(self._rules, objects_as_text=False), self._computed)
            yield from strict.unfit(value)
        else:
            yield from self._structure(shape, value)

    def _list(self, shape: ListShape, value: Json, field: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _must_be(field, "an ARRAY")
            return
        for item in value:
            if item is not None and not self._computed("", item):
                yield from self._value(shape.member, item, field)

    def _map(self, shape: MapShape, value: Json, field: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _must_be(field, "an OBJECT")
            return
        for key, item in value.items():
            if item is not None and not self._computed(key, item):
                yield from self._value(shape.value, item, key)


def _unknown(name: str) -> str:
    return f'The field "{name}" is not supported by Step Functions'


def _must_be(field: str, kind: str) -> str:
    return f"The value for the field '{field}' must be {kind}"
