"""Problems with values in `[tool.harness]`. Each contains the key, the value and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time

from harness.acceptance_entries import entry_problems
from harness.functions.shared.reach import address_of
from harness.functions.shared.runtimes import PYTHONS

EntryProblems = Callable[[str, Mapping[str, object]], Iterator[str]]
_TOML: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (list, "an array"),
    (dict, "a table"),
    (datetime, "a date-time"),
    (date, "a date"),
    (time, "a time"),
)


IMAGE = ("code", "handler", "runtime")
"""Keys in an `images` entry."""
STACK = ("template", "name", "parameters")
"""Keys in a `stacks` entry."""


def toml_type(value: object) -> str:
    """Return the type of a value in TOML's terms, such as "an array"."""
    return next((word for kind, word in _TOML if isinstance(value, kind)), type(value).__name__)


def text_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a string."""
    if not isinstance(value, str):
        yield f"{name} must be a string, not {toml_type(value)}"
    elif not value:
        yield f"{name} is empty; give it a value or remove the key"
    elif "\0" in value:
        yield f"{name} contains a NUL character; remove it"


def list_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems found in an array of strings."""
    if not isinstance(value, list):
        yield f"{name} must be an array of strings, not {toml_type(value)}"
        return
    if not value:
        yield f"{name} is empty; give it a value or remove the key"
    for number, entry in enumerate(value):
        yield from text_problems(f"{name}[{number}]", entry)


def addresses_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems found in an array of addresses, each with a port."""
    problems = list(list_problems(name, value))
    yield from problems
    for entry in value if isinstance(value, list) and not problems else ():
        try:
            address_of(entry)
        except ValueError as error:
            yield f"{name}: {error}"


def switch_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a value that must be `false` or an array of strings."""
    if not isinstance(value, bool | list):
        yield f"{name} must be false or an array of strings, not {toml_type(value)}"
    elif isinstance(value, list) and value:
        yield from list_problems(name, value)


def integer_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{name} must be an integer, not {toml_type(value)}"


def table_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a table of strings, numbers and booleans."""
    if not isinstance(value, dict):
        yield f"{name} must be a table, not {toml_type(value)}"
        return
    for key, entry in value.items():
        if not isinstance(entry, str | int | float):
            yield f"{name}.{key} must be a string, a number or a boolean, not {toml_type(entry)}"


def boolean_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a boolean."""
    if not isinstance(value, bool):
        yield f"{name} must be true or false, not {toml_type(value)}"


def path_table_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a table of paths."""
    if not isinstance(value, dict):
        yield f"{name} must be a table, not {toml_type(value)}"
        return
    for key, entry in value.items():
        yield from text_problems(f"{name}.{key}", entry)


def images_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with a table of image sources."""
    if not isinstance(value, dict):
        yield f"{name} must be a table of tables, not {toml_type(value)}; write [tool.harness.{name}]"
        return
    for key, entry in value.items():
        yield from _image_problems(f"{name}.{key}", entry)


def _image_problems(name: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{name} must be a table, not {toml_type(entry)}; write {{{' = ..., '.join(IMAGE)} = ...}}"
        return
    yield from _keys_problems(name, entry, IMAGE)
    if "code" not in entry:
        yield f"{name} has no code; name the folder that the function runs from"
    if isinstance(runtime := entry.get("runtime"), str) and runtime and runtime not in PYTHONS:
        yield f"{name}.runtime {runtime!r} is not a Lambda Python runtime; write one such as {PYTHONS[-3]}"


def policies_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with one or more paths."""
    yield from (list_problems if isinstance(value, list) else text_problems)(name, value)


def _keys_problems(
    name: str, entry: Mapping[str, object], keys: tuple[str, ...], tables: tuple[str, ...] = ()
) -> Iterator[str]:
    """Return the problems with a table's keys and values: strings, or tables for the keys in `tables`."""
    for key, value in entry.items():
        if key not in keys:
            yield unknown_key(name, key, keys)
        else:
            yield from (table_problems if key in tables else text_problems)(f"{name}.{key}", value)


def unknown_key(name: str, key: str, keys: Sequence[str]) -> str:
    """Return the problem with a key that is not valid in a table."""
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    return f"unknown key {key!r} in {name}; {nearest(key, keys)}"


def _array_problems(name: str, value: object, problems: EntryProblems) -> Iterator[str]:
    """Return the problems found in an array of tables. `problems` yields the problems of one table in this
    name.
    """
    if not isinstance(value, list):
        yield f"{name} must be an array of tables, not {toml_type(value)}; write [[tool.harness.{name}]]"
        return
    for number, entry in enumerate(value):
        if isinstance(entry, dict):
            yield from problems(f"{name}[{number}]", entry)
        else:
            yield f"{name}[{number}] must be a table, not {toml_type(entry)}"


def acceptances_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with the `accept` entries."""
    yield from _array_problems(name, value, entry_problems)


def stacks_problems(name: str, value: object) -> Iterator[str]:
    """Return the problems with the `stacks` entries."""
    if value == []:
        yield f"{name} is empty; give it a value or remove the key"
    yield from _array_problems(name, value, _stack_problems)


def _stack_problems(name: str, entry: Mapping[str, object]) -> Iterator[str]:
    yield from _keys_problems(name, entry, STACK, tables=("parameters",))
    if "template" not in entry:
        yield f"{name} has no template; add one"
