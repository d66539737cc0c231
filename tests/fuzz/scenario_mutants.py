"""Mutants of scenario files: the shipped files, and a file with every key in the reference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from mutation import Json, Mutator

from harness.scenario import syntax

ROOT = Path(__file__).parents[2]
DOCUMENTED = Path(__file__).with_name("documented.yaml")
SHIPPED = (
    *sorted((ROOT / "scenarios").glob("*.yaml")),
    *sorted((ROOT / "examples").rglob("scenarios/*.yaml")),
)


def texts() -> list[str]:
    """The files. The file with every key is chosen as often as all others together, because it has the most
    keys.
    """
    shipped = [path.read_text(encoding="utf-8") for path in SHIPPED]
    return [text for each in shipped for text in (each, DOCUMENTED.read_text(encoding="utf-8"))]


def mutants(seed: int, count: int) -> Iterator[str]:
    """Files as text: mutants of the data, and of the YAML text."""
    files = texts()
    data = [_plain(syntax.read(text, DOCUMENTED).data) for text in files]
    words = tuple(sorted({word for each in data for word in words_of(each)}))
    mutator = Mutator(seed, words)
    mutator.random.shuffle(order := list(range(len(files))))
    for number in range(count):
        index = order[number % len(order)]
        if number % 3 == 2:
            yield mutator.text_mutant(files[index])
        else:
            yield written(mutator.mutant(data[index], most=1 + number % 2), levels=number % 4)


def written(value: Json, levels: int, indent: int = 0) -> str:
    """A value as YAML: the first N levels in block style, and deeper levels as JSON."""
    if not levels or not isinstance(value, dict | list) or not value:
        return json.dumps(value) + "\n"
    entries = (
        [(f"{json.dumps(key)}:", inner) for key, inner in value.items()] if isinstance(value, dict) else []
    )
    entries = entries or [("-", inner) for inner in value]
    lines = (f"{' ' * indent}{mark} {written(inner, levels - 1, indent + 2)}" for mark, inner in entries)
    return ("\n" if indent else "") + "".join(lines)


def _plain(value: Json) -> Json:
    """Data without sets and bytes, which JSON does not support."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | frozenset):
        return [_plain(inner) for inner in value]
    return value.decode() if isinstance(value, bytes) else value


def words_of(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    elif isinstance(value, str):
        yield value
