"""Reads YAML as CloudFormation does: version 1.1, with short forms of functions.

Scalars follow SnakeYAML, CloudFormation's YAML library: `yes` is true, `0755` is 493, `12:30` is 750, a
date is a string. For duplicate keys, the last one is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from harness.cloudformation.faults import NOT_WELL_FORMED, TemplateRefused, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject
from harness.yaml_nodes import TooMuch
from harness.yaml_nodes import compose as nodes

MOST_VALUES: Final = 1_000_000
"""Maximum number of values in a template with expanded aliases. CloudFormation accepts 1 MB of text."""
TRUE: Final = frozenset(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"))
FALSE: Final = frozenset(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"))
NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
# https://bitbucket.org/snakeyaml/snakeyaml/src/master/src/main/java/org/yaml/snakeyaml/resolver/Resolver.java
_INT: Final = re.compile(
    r"[-+]?0b_*[01][01_]*|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
)
_FLOAT: Final = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
)
_Number = TypeVar("_Number", int, float)
_YAML_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = "<<"
_PLAIN: Final = Tag(suffix="plain")


class _Resolver(VersionedResolver):
    """Leaves unquoted scalars without a tag to `plain_scalar`."""

    def resolve(self, kind: type[Node], value: object, implicit: tuple[bool, bool]) -> object:
        """The tag for a node that has none."""
        return _PLAIN if kind is ScalarNode and implicit[0] else super().resolve(kind, value, implicit)


def read_yaml(text: str, *, aliases: bool = True) -> Json:
    """Read any YAML text as CloudFormation does. Raises TemplateRefused."""
    try:
        node = compose(text)
    except TooMuch as error:
        message = f"Template format error: {error.message}"
        raise refuse(message, remedy=error.remedy, place=error.place) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else None
        where = f" (line {place[0]}, column {place[1]})" if place else ""
        why = error.problem or error.context or ""
        message = f"{NOT_WELL_FORMED}{where}: {why}"
        raise refuse(message, place=place) from error
    except (YAMLError, ValueError) as error:
        raise refuse(f"{NOT_WELL_FORMED}: {error}") from error
    return None if node is None else _Reader(aliases).value(node)


@lru_cache(maxsize=8)
def compose(text: str) -> Node | None:
    """Return the nodes in YAML text, or None if there are none. Do not modify them.

    Raises YAMLError and TooMuch.
    """
    return nodes(text, _Resolver)


class _Reader:
    """Converts nodes to values. A node that aliases share is converted once."""

    def __init__(self, aliases: bool) -> None:
        self._aliases = aliases
        self._made: dict[int, tuple[Json, int]] = {}
        self._open: set[int] = set()

    def value(self, node: Node) -> Json:
        """Return the value of a node."""
        return self._sized(node)[0]

    def _sized(self, node: Node) -> tuple[Json, int]:
        """Return a value, and its number of values with expanded aliases."""
        if id(node) in self._open:
            raise _refused(node, "Template error: a YAML alias refers to a value that contains it")
        if id(node) in self._made:
            if not self._aliases:
                raise _refused(
                    node, "Template error: YAML aliases are not allowed in CloudFormation templates."
                )
            return self._made[id(node)]
        self._open.add(id(node))
        value, size = self._function(node) if _is_function(node) else self._plain(node)
        if size > MOST_VALUES:
            raise _refused(
                node, f"Template error: YAML aliases expand this to more than {MOST_VALUES:,} values"
            )
        self._open.remove(id(node))
        self._made[id(node)] = value, size
        return value, size

    def _function(self, node: Node) -> tuple[Json, int]:
        name = str(node.tag)[1:]
        if isinstance(node, ScalarNode):
            value, size = str(node.value), 1
            argument: Json = value
            if name == "GetAtt":
                argument = list(value.split(".", 1))
        else:
            argument, size = self._plain(node)
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": argument}, size + 1

    def _plain(self, node: Node) -> tuple[Json, int]:
        if isinstance(node, ScalarNode):
            return _scalar(node), 1
        if isinstance(node, SequenceNode):
            parts = [self._sized(each) for each in node.value]
            return [part[0] for part in parts], 1 + sum(part[1] for part in parts)
        assert isinstance(node, MappingNode)
        return self._object(node)

    def _object(self, node: MappingNode) -> tuple[Json, int]:
        merged: JsonObject = {}
        own: JsonObject = {}
        size = 1
        for key, entry in node.value:
            value, more = self._sized(entry)
            size += more
            if isinstance(key, ScalarNode) and key.value == _MERGE and key.style is None:
                self._merge(merged, value, key)
            else:
                own[self._key(key)] = value
        return {**merged, **own}, size

    def _merge(self, merged: JsonObject, value: Json, key: Node) -> None:
        if not self._aliases:
            raise _refused(key, "Template error: YAML aliases are not allowed in CloudFormation templates.")
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise _refused(key, f"{NOT_WELL_FORMED}: '<<' requires objects")
            for name, entry in each.items():
                merged.setdefault(name, entry)

    def _key(self, node: Node) -> str:
        value = self.value(node) if not isinstance(node, ScalarNode) else _scalar(node)
        if value is None:
            return "null"
        if not is_scalar(value):
            raise _refused(node, f"{NOT_WELL_FORMED}: a key is a list or an object")
        return text_of(value)


def _is_function(node: Node) -> bool:
    return str(node.tag or "").startswith("!") and len(str(node.tag)) > 1


def _refused(node: Node, message: str) -> TemplateRefused:
    return refuse(message, place=(node.start_mark.line + 1, node.start_mark.column + 1))


def _scalar(node: ScalarNode) -> Json:
    text = str(node.value)
    tag = str(node.tag).removeprefix(_YAML_TAG)
    if tag == _PLAIN.suffix:
        return plain_scalar(text)
    if tag == "str":
        return text
    if tag in _TAGGED:
        try:
            return _TAGGED[tag](text)
        except ValueError:
            raise _refused(node, f"{NOT_WELL_FORMED}: no {tag}: {text!r}") from None
    raise _refused(node, f"Template format error: the YAML tag !!{tag} is not supported; write a string")


def plain_scalar(text: str) -> Json:
    """Return the value of an unquoted scalar without a tag."""
    if text in NULL:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    if _INT.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if digits.startswith("0b"):
        return sign * int(digits[2:], 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:], 16)
    if ":" in digits:
        return sign * _base_60(digits.split(":"), int)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)


def _float(text: str) -> float:
    digits = text.replace("_", "")
    if ":" not in digits:
        return float(digits)
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    return sign * _base_60(digits.split(":"), float)


def _base_60(parts: list[str], number: Callable[[str], _Number]) -> _Number:
    total = number("0")
    for part in parts:
        total = total * 60 + number(part)
    return total


_TAGGED: Final[dict[str, Callable[[str], Json]]] = {
    "timestamp": lambda text: text,
    "int": _integer,
    "float": _float,
    "bool": lambda text: text in TRUE,
    "null": lambda _: None,
}
