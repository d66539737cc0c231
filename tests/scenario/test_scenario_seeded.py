"""Seeds for tables, buckets and queues in a template: valid forms, and rejected ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.scenario.seed import Seed
from harness.scenario.seed_items import attributes_of
from harness.scenario.seed_objects import ObjectSpec

END = "\nexpect: {execution: {status: SUCCEEDED}}\n"


def problems(seed: str) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        parse(f"title: t\nseed:\n  {seed}{END}", BUILT_IN, Path("a.yaml"))
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("spec", "content"),
    [
        ({"body": "ä"}, "ä".encode()),
        ({"json": {"a": [1, None, "ä"]}}, '{"a":[1,null,"ä"]}'.encode()),
        ({"json": None}, b"null"),
        ({"jsonl": [{"a": 1}, 2]}, b'{"a":1}\n2\n'),
        ({"csv": [["a", "b"], [1, 'x,"y"']]}, b'a,b\n1,"x,""y"""\n'),
        ({"csv": [{"a": True, "b": None}, {"a": 1.5, "b": "x"}]}, b"a,b\ntrue,\n1.5,x\n"),
        ({"size": 5}, None),
    ],
)
def test_contents_of_objects(spec: dict[str, object], content: bytes | None) -> None:
    made = ObjectSpec.model_validate({"key": "k", **spec})
    assert made.content(Path()) == content
    assert made.has_content == (content is not None)
    assert made.seeded().size_bytes == (5 if content is None else len(content))


def test_a_file_is_read_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\n")
    spec = ObjectSpec.model_validate({"key": "k", "file": "a.bin"})
    assert spec.seeded(tmp_path).body == b"\xff\n"


def test_plain_items_and_those_of_dynamodb_become_the_same() -> None:
    plain = {"s": "a", "n": 1.5, "b": b"x", "l": [1, None], "m": {"t": True}, "set": frozenset([10, 9])}
    typed = {
        "s": {"S": "a"},
        "n": {"N": "1.5"},
        "b": {"B": "eA=="},
        "l": {"L": [{"N": "1"}, {"NULL": True}]},
        "m": {"M": {"t": {"BOOL": True}}},
        "set": {"NS": ["10", "9"]},
    }
    assert attributes_of(plain) == attributes_of(typed)
    assert attributes_of({"pk": "a", "size": {"L": 5}}) == {
        "pk": {"S": "a"},
        "size": {"M": {"L": {"N": "5"}}},
    }


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        (
            "objects: {B: [{key: a, body: x, json: 1}]}",
            "a.yaml:3:35: body and json of an object cannot be combined; keep one of them",
        ),
        (
            "objects: {B: [{key: a, json: 1, size: 2}]}",
            "a.yaml:3:35: the size of the object is determined by its json; remove the size",
        ),
        (
            "objects: {B: [{key: a, body: x}, {key: a, body: y}]}",
            "a.yaml:3:42: the bucket 'B' already has an object 'a'; remove one",
        ),
        (
            "objects: {B: [{key: a, csv: [{a: 1}, {b: 1}]}]}",
            "a.yaml:3:31: csv: row 2 has different columns from the first row; use these columns in each "
            "row: a",
        ),
        (
            "objects: {B: [{key: a, csv: [[1], {b: 1}]}]}",
            "a.yaml:3:31: csv has rows of different types; write all as lists, or all as mappings",
        ),
        ("tables: {T: [{pk: {S: 1}}]}", "a.yaml:3:21: DynamoDB JSON requires text under S; correct it"),
        (
            "tables: {T: [{pk: {N: x}}]}",
            "a.yaml:3:21: x is not a valid DynamoDB number; use at most 38 digits",
        ),
        (
            'tables: {T: [{pk: a, n: {N: "1"}}]}',
            "a.yaml:3:27: the item mixes plain values and DynamoDB JSON; write all of its values in "
            "the same form",
        ),
        (
            "tables: {T: [{pk: a, s: !!set [1, a]}]}",
            "a.yaml:3:27: a DynamoDB set must have at least one element, and only strings, only "
            "numbers or only binary values; "
            "write !!set [a, b], or a list",
        ),
        (
            "tables: {T: {itms: []}}",
            "a.yaml:3:16: unknown key 'itms' in seed.tables.T; did you mean 'items'? known: items, key",
        ),
        (
            "tables: {a: {key: {pk: S}}}",
            "a.yaml:3:12: 'a' is not a valid table name; use 3 to 255 letters, digits, dots, hyphens and "
            "underscores",
        ),
        ('queues: {Q: [""]}', "a.yaml:3:16: an SQS message cannot be empty; add text"),
        (
            "queues: {Q: [{group: a}]}",
            "a.yaml:3:16: the message has neither body nor json; specify one of them",
        ),
        (
            "parameters: {/a: {vale: x}}",
            "a.yaml:3:21: unknown key 'vale' in seed.parameters./a; did you mean 'value'? known: "
            "value, values, "
            "secure",
        ),
        (
            "object: {B: []}",
            "a.yaml:3:3: unknown key 'object' in seed; did you mean 'objects'? known: buckets, "
            "objects, tables, "
            "queues, parameters, secrets",
        ),
    ],
)
def test_what_cannot_be_there_is_refused_at_its_place(seed: str, said: str) -> None:
    assert said in problems(seed)


def test_an_item_that_is_too_large_is_refused() -> None:
    (said,) = problems(f"tables: {{T: [{{pk: {'x' * 409_600}}}]}}")
    assert said == "a.yaml:3:16: the item has 409,602 bytes; the DynamoDB limit is 409,600"


def test_what_is_for_the_stack_is_known() -> None:
    own = {"key": {"pk": "S"}, "items": [{"pk": "a"}]}
    assert not Seed.model_validate({"buckets": {"photos": {}}, "tables": {"old-table": own}}).is_for_stack
    seed = Seed.model_validate({"tables": {"T": [{"pk": "a"}], "old-table": own}})
    assert (seed.is_for_stack, [*seed.tables_made], [*seed.others]) == (True, ["T"], ["old-table"])
