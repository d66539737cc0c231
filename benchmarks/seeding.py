"""Seeds the objects that third-party machines read: objects specified by Map readers and S3 tasks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from readings import PATH, tokens_of
from values import UNKNOWN, Needs, below, value_with

from harness.stack.model import Stack
from harness.stack.unserved_tasks import states_in

BUCKET = "example-bucket"
"""An existing bucket, for a project that creates none."""
KEY = "Key"
_READS = re.compile(r".*:s3:(getObject|headObject|getObjectAttributes|listObjectsV2)$")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def seed_of(stack: Stack, machines: Iterable[Any], given: Any) -> dict[str, Any]:
    """Return a scenario's `seed` for machines that are started with an input; empty if they read nothing."""
    logical = {physical: name for name, physical in stack.of_type("AWS::S3::Bucket").items()}
    first = next(iter(logical), BUCKET)
    objects: dict[str, dict[str, Any]] = {}
    for machine in machines:
        for bucket, made in _objects(machine, given, first):
            objects.setdefault(bucket, {}).setdefault(made["key"], made)
    of_template = {logical[name]: [*made.values()] for name, made in objects.items() if name in logical}
    of_account = {
        name: {"objects": [*made.values()]}
        for name, made in objects.items()
        if name not in logical and _NAME.fullmatch(name)
    }
    return {key: value for key, value in (("objects", of_template), ("buckets", of_account)) if value}


def _objects(machine: Any, given: Any, first: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states_in(machine.definition):
        reader = state.get("ItemReader")
        source = reader or state
        if not _READS.fullmatch(str(source.get("Resource", ""))):
            continue
        parameters = source.get("Parameters", source.get("Arguments"))
        parameters = parameters if isinstance(parameters, dict) else {}
        needs = machine.flow.results[name]
        bucket = _value(parameters, "Bucket", given, first)
        if source["Resource"].endswith("listObjectsV2"):
            for prefix in {_value(parameters, "Prefix", given, UNKNOWN), UNKNOWN}:
                yield bucket, {"key": f"{prefix}example.txt", "body": "1"}
        else:
            content = _items(reader.get("ReaderConfig", {}), needs) if reader else _body(needs)
            yield bucket, {"key": _value(parameters, "Key", given, KEY), **content}


def _value(parameters: Any, name: str, given: Any, otherwise: str) -> str:
    """Return a literal parameter, or one at a path in the input; the default for all others."""
    if isinstance(parameters.get(name), str) and not parameters[name].startswith("{%"):
        return str(parameters[name])
    text = str(parameters.get(f"{name}.$", parameters.get(name, ""))).strip("{%} ")
    path = PATH.fullmatch(text.replace("$$.Execution.Input", "$").replace("$states.input", "$"))
    for token in tokens_of(path[2]) if path else ():
        known = isinstance(given, dict) and token in given
        given = given[token] if known else None  # type: ignore[index]
    return given if isinstance(given, str) and path else otherwise


def _items(config: Any, needs: Needs) -> dict[str, Any]:
    """Return an object with one item in the format of a reader."""
    item = value_with(needs)
    kind = config.get("InputType", "JSON")
    if kind == "CSV":
        headers = config.get("CSVHeaders")
        if config.get("CSVHeaderLocation") == "GIVEN" and headers:
            return {"csv": [["1"] * len(headers)]}
        row = item if isinstance(item, dict) and item else {"value": "1"}
        return {"csv": [{column: _cell(value) for column, value in row.items()}]}
    return {"jsonl": [item]} if kind == "JSONL" else {"json": [item]}


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else "1"


def _body(needs: Needs) -> dict[str, Any]:
    body = value_with(below(needs, "Body"))
    return {"body": body if isinstance(body, str) else "1"}
