"""AWS's numbers have one home: no other module of the harness writes one of them again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from harness import quotas

HARNESS = Path(quotas.__file__).parent
DISTINCT = 300  # smaller numbers mean other things, too
FLAG = 32_768  # and so does this one, which is 2**15


def numbers(file: Path) -> Iterator[tuple[int, object]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant):
            yield node.lineno, node.value


def test_no_number_of_aws_is_written_twice() -> None:
    numbers_there = (value for value in vars(quotas).values() if isinstance(value, int))
    own = {value for value in numbers_there if value > DISTINCT and value != FLAG}
    assert own >= {1_800, 25_000, 262_144, 1_048_576, 6_291_456, 6_291_556}
    found = [
        f"{file.relative_to(HARNESS)}:{line}: {value}"
        for file in sorted(HARNESS.rglob("*.py"))
        if file != Path(quotas.__file__)
        for line, value in numbers(file)
        if isinstance(value, int | float) and value in own
    ]
    assert found == []


def test_each_number_has_its_source() -> None:
    source = ""
    for line in Path(quotas.__file__).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            source = line.removeprefix("# ")
        if ": Final = " in line:
            assert source.startswith("https://docs.aws.amazon.com/"), line
