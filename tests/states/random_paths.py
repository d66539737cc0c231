"""Random JSONPaths and documents, the same ones for each seed."""

from __future__ import annotations

import random

from harness.json_types import Json

NAMES = ("a", "b", "k", "no", "é", "two words", "it's")
TEXTS = ("'x'", '"x"', "x", "'4'", "''", r"'it\'s'", "/x+/", "/(x+)+$/i", "/.*a.*/")
NUMBERS = ("0", "1", "-1", "2.5", "1e3", "99999999999", "-2147483648")
OPERATORS = ("==", "!=", "<", ">=", "=~", "in", "nin", "subsetof", "anyof", "size", "empty", "contains", "~")
CALLS = ("length", "size", "keys", "first", "last", "sum", "index", "append", "concat", "nothing")
ARGUMENTS = ("", "", "1", "-1", "$.a", '"x"')
NOISE = (*" .[]()?@$*,:x!/", "..", "'", '"', "\\", "&&")


def random_document(chance: random.Random, depth: int = 4) -> Json:
    """Return a document of objects, arrays and scalars."""
    kind = chance.random()
    if depth and kind < 0.4:
        return {chance.choice(NAMES): random_document(chance, depth - 1) for _ in range(chance.randrange(4))}
    if depth and kind < 0.8:
        return [random_document(chance, depth - 1) for _ in range(chance.randrange(5))]
    return chance.choice((None, True, False, 0, 1, 2.5, -1, "x", "4", "", "xxa", "it's"))


def random_path(chance: random.Random, *, noise: float = 0.2) -> str:
    """Return a path that is mostly valid, but sometimes contains an invalid part."""
    path = "$" + "".join(_step(chance) for _ in range(chance.randrange(1, 5)))
    if chance.random() < 0.15:
        path += f".{chance.choice(CALLS)}({chance.choice(ARGUMENTS)})"
    while chance.random() < noise:
        at = chance.randrange(len(path) + 1)
        path = path[:at] + chance.choice(NOISE) + path[at:]
    return path


def _step(chance: random.Random, depth: int = 2) -> str:
    name = chance.choice(NAMES)
    quoted = "'" + name.replace("'", r"\'") + "'"
    other = chance.choice(("'a'", "'k'", '"b"'))
    low, high = chance.choice(("", *NUMBERS)), chance.choice(("", *NUMBERS))
    steps = [
        f".{name}",
        f"[{quoted}]",
        f"[{quoted},{other}]",
        f"[{chance.choice(NUMBERS)}]",
        f"[{chance.choice(NUMBERS)}, 0]",
        f"[{low}:{high}]",
        "[*]",
        ".*",
        f"..{name}",
        "..*",
        "..[0]",
        f".[{quoted}]",
        "[(@.length-1)]",
    ]
    if depth and chance.random() < 0.3:
        return f"[?({_condition(chance, depth)})]"
    return chance.choice(steps)


def _condition(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if kind < 0.15:
        return f"({_condition(chance, depth)})"
    if kind < 0.25:
        return f"!({_condition(chance, depth)})"
    if kind < 0.4:
        return f"{_condition(chance, depth)} {chance.choice(('&&', '||'))} {_condition(chance, depth)}"
    if kind < 0.5:
        return chance.choice(("", "!")) + _operand(chance, depth)
    return f"{_operand(chance, depth)} {chance.choice(OPERATORS)} {_operand(chance, depth)}"


def _operand(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if kind < 0.5:
        steps = "".join(_step(chance, depth - 1) for _ in range(chance.randrange(3)))
        return chance.choice("@@@$") + steps
    if kind < 0.7:
        return f"[{', '.join(chance.choice(TEXTS[:2] + NUMBERS) for _ in range(chance.randrange(3)))}]"
    return chance.choice(TEXTS + NUMBERS + ("true", "false", "null"))
