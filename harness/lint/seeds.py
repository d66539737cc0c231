"""Check the data that scenarios add to resources, before anything starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from harness.files import LARGEST, is_file
from harness.json_types import Json, as_dict
from harness.scenario.base import logical_id
from harness.scenario.model import Scenario
from harness.scenario.position import Problem
from harness.scenario.seed_items import Attribute, TableSpec, attributes_of
from harness.scenario.seed_objects import ObjectSpec
from harness.scenario.source import KeyPath
from harness.scenario.wording import nearest
from harness.settings import Settings
from harness.stack.naming import Declarations
from harness.stack.stack_choice import stacks_of
from harness.stack.template import TemplateError, look_at

Key = tuple[tuple[str, str], ...]
"""The attributes of a table's key with their types, partition key first."""


def seeds_problems(scenarios: Iterable[Scenario], settings_of: Callable[[Path], Settings]) -> list[Problem]:
    """Return the problems in all seeds. `settings_of` returns a scenario's settings."""
    return [
        problem for scenario in scenarios for problem in seed_problems(scenario, settings_of(scenario.path))
    ]


def seed_problems(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    """Yield problems: missing files, items that do not match their table, messages that a queue rejects."""
    yield from _files(scenario, settings)
    seed = scenario.seed
    for name, spec in seed.others.items():
        yield from _items(scenario, name, spec, tuple((spec.key or {}).items()))
    if not (seed.tables or seed.queues):
        return
    try:
        declarations = Declarations.of(stacks_of(scenario, settings))
        yield from _of_template(scenario, declarations)
    except (OSError, TemplateError):
        return  # the template check reports it


def _of_template(scenario: Scenario, declarations: Declarations) -> Iterator[Problem]:
    seed = scenario.seed
    for name, spec in seed.tables.items():
        if spec.key is None:
            of_table = _key_of(_properties(declarations, name, "table") or {})
            yield from _items(scenario, name, spec, of_table)
        elif found := declarations.called(logical_id(name), "table"):
            where = scenario.position("seed", "tables", name, "key")
            message = f"{name} is a table in the template, {found[0].shown()}"
            yield Problem(where, message, "remove key, or change the name")
    for queue, messages in seed.queues.items():
        properties = _properties(declarations, queue, "queue")
        if properties is None:
            continue
        fifo = str(properties.get("FifoQueue", False)).lower() == "true"
        for number, sent in enumerate(messages):
            where = scenario.position("seed", "queues", queue, number)
            if fifo and not sent.group:
                yield Problem(where, f"{queue} is a FIFO queue, but the message has no group", "add group:")
            if not fifo and (sent.group or sent.deduplication):
                key = "deduplication" if sent.deduplication else "group"
                yield Problem(
                    where, f"{queue} is not a FIFO queue and does not support {key}", f"remove {key}"
                )


def _properties(declarations: Declarations, name: str, kind: str) -> Mapping[str, Json] | None:
    """Return the properties of the only resource with this name, or None if the name is ambiguous."""
    found = declarations.called(logical_id(name), kind)
    if len(found) != 1:
        return None
    declared = as_dict(as_dict(look_at(found[0].template)["Resources"]).get(found[0].logical_id))
    return as_dict(declared.get("Properties"))


def _key_of(properties: Mapping[str, Json]) -> Key:
    """Return a table's key, as far as the template defines it."""
    listed = properties.get("KeySchema")
    schema = [as_dict(each) for each in listed] if isinstance(listed, list) else []
    listed = properties.get("AttributeDefinitions")
    defined = [as_dict(each) for each in listed] if isinstance(listed, list) else []
    types = {str(each.get("AttributeName")): str(each.get("AttributeType")) for each in defined}
    names = [each["AttributeName"] for each in schema if isinstance(each.get("AttributeName"), str)]
    return tuple((str(name), types[str(name)]) for name in names if types.get(str(name)) in ("S", "N", "B"))


def _items(scenario: Scenario, table: str, spec: TableSpec, key: Key) -> Iterator[Problem]:
    """Yield errors for items without their key, or with a duplicate key."""
    within = ("items",) if ("seed", "tables", table, "items") in scenario.source.marks else ()
    before: dict[str, int] = {}
    for number, item in enumerate(map(attributes_of, spec.items)):
        at = ("seed", "tables", table, *within, number)
        wrong = [*_wrong_key(scenario, at, table, item, key)]
        yield from wrong
        if key and not wrong:
            own = repr([item[name] for name, _ in key])
            if (other := before.setdefault(own, number)) != number:
                said = f"the item has the same key as item {other + 1}"
                yield Problem(scenario.position(*at), said, "remove one, or change its key")


def _wrong_key(
    scenario: Scenario, at: KeyPath, table: str, item: Mapping[str, Attribute], key: Key
) -> Iterator[Problem]:
    kinds = {"S": "text", "N": "a number", "B": "binary"}
    for name, kind in key:
        if name not in item:
            wanted = " and ".join(f"{each} ({kinds[type_]})" for each, type_ in key)
            message = f"the item has no {name}, which is part of the key of {table}"
            yield Problem(scenario.position(*at), message, f"add {wanted}")
            continue
        ((seen, value),) = item[name].items()
        where = scenario.position(*at, name, of="value")
        if seen != kind:
            message = f"{name} is {kinds[kind]} in the key of {table}, but this value is of type {seen}"
            remedy = "write it in quotes" if kind == "S" and seen == "N" else f"write {kinds[kind]}"
            yield Problem(where, message, remedy)
        elif value in ("", b""):
            yield Problem(where, f"{name} is in the key of {table} and cannot be empty", "give it a value")


def _files(scenario: Scenario, settings: Settings) -> Iterator[Problem]:
    """Yield errors for object files that do not exist, or that are outside the project."""
    for at, spec in _objects(scenario):
        if spec.file is None:
            continue
        where = scenario.position(*at, "file", of="value")
        path = Path(os.path.realpath(scenario.path.parent / spec.file))
        root = Path(os.path.realpath(settings.root))
        if not path.is_relative_to(root):
            message = f"{spec.file} is outside the project, which is {root}"
            yield Problem(where, message, "copy the file into the project")
        elif not is_file(path):
            yield Problem(where, f"file {path} not found", _other_files(spec.file, path))
        elif path.stat().st_size > LARGEST:
            message = f"{spec.file} has {path.stat().st_size:,} bytes"
            yield Problem(where, message, f"the maximum file size is {LARGEST:,} bytes")


def _other_files(written: str, path: Path) -> str:
    """Return the remedy for a missing file: the most similar file in the same folder."""
    beginning = "the path is relative to the scenario's file"
    try:
        beside = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        return f"correct {written}; {beginning}"
    return f"{nearest(path.name, beside, 'files in the folder')}; {beginning}"


def _objects(scenario: Scenario) -> Iterator[tuple[KeyPath, ObjectSpec]]:
    for bucket, spec in scenario.seed.buckets.items():
        for number, each in enumerate(spec.objects):
            yield ("seed", "buckets", bucket, "objects", number), each
    for bucket, objects in scenario.seed.objects.items():
        for number, each in enumerate(objects):
            yield ("seed", "objects", bucket, number), each
