from __future__ import annotations

import pytest

from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.reading import read
from harness.cloudformation.text import text_of
from harness.cloudformation.yaml_reading import plain_scalar, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("", None),
        ("Null", None),
        ("0755", 493),
        ("-017", -15),
        ("012345670123", 1402433619),
        ("012345678901", "012345678901"),
        ("0", 0),
        ("+12", 12),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0b101", 5),
        ("12:30", 750),
        ("1:30:00", 5400),
        ("12:60", "12:60"),
        ("1:30.5", 90.5),
        ("3.10", 3.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        ("2012-10-17", "2012-10-17"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("0o17", "0o17"),
        ("=", "="),
    ],
)
def test_a_plain_scalar(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (12, "12"),
        ("True", "True"),
        (3.1, "3.1"),
        (1.0, "1.0"),
        (9999999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (12345678.5, "1.23456785E7"),
        (0.001, "0.001"),
        (0.00012, "1.2E-4"),
        (1.2345e71, "1.2345E71"),
        (-2.5e-10, "-2.5E-10"),
        (0.0, "0.0"),
    ],
)
def test_the_text_of_a_scalar(value: str | float, text: str) -> None:
    assert text_of(value) == text


def test_short_forms_tags_and_keys() -> None:
    text = """
a: !Sub yes
b: !GetAtt A.B.C
c: !Condition D
d: !If [A, !Ref B, 0x10]
e: !!str 012
f: !!int "7"
g: "012"
h: |
  no
yes: 1
080: 2
012: 3
"""
    assert read_yaml(text) == {
        "a": {"Fn::Sub": "yes"},
        "b": {"Fn::GetAtt": ["A", "B.C"]},
        "c": {"Condition": "D"},
        "d": {"Fn::If": ["A", {"Ref": "B"}, 16]},
        "e": "012",
        "f": 7,
        "g": "012",
        "h": "no\n",
        "true": 1,
        "080": 2,
        "10": 3,
    }


def test_merge_keys_and_aliases_as_the_package_command_takes_them() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {x: 3, <<: *a}\nc: {<<: [{z: 4}, *a]}\nd: [*a]\n"
    one = {"x": 1, "y": 2}
    assert read_yaml(text) == {"a": one, "b": {"x": 3, "y": 2}, "c": {"z": 4, **one}, "d": [one]}
    for refused in (text, "a: &a 1\nb: *a\n", "a: {<<: {x: 1}}\n"):
        with pytest.raises(TemplateRefused, match="YAML aliases are not allowed in CloudFormation templates"):
            read_yaml(refused, aliases=False)
    assert read_yaml("a: &a 1\n", aliases=False) == {"a": 1}


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "says", "place"),
    [
        (LAUGHS, "to more than 1,000,000 values", (6, 4)),
        ("a: &a [*a]", "a YAML alias refers to a value that contains it", (1, 4)),
        ("a: !!binary aGk=", "tag !!binary is not supported", (1, 4)),
        ("a: !!int x", "no int: 'x'", (1, 4)),
        ("a: [", "expected the node content", (1, 5)),
        ("[1]: a", "a key is a list or an object", (1, 1)),
        ("a: {<<: 1}", "'<<' requires objects", (1, 5)),
        ("a: " + "[" * 3000, "nested more than 100 levels deep", (1, 103)),
        ('{"a": ' + "[" * 100_000, "nested more than 100 levels deep", (1, 106)),
        ("[1]", "unsupported structure", None),
    ],
)
def test_what_cannot_be_read(text: str, says: str, place: tuple[int, int] | None) -> None:
    with pytest.raises(TemplateRefused, match=says) as refused:
        read(text)
    assert refused.value.faults[0].place == place


def test_the_last_of_equal_keys_counts() -> None:
    assert read("a: 1\na: 2\n") == read('{"a": 1, "a": 2}') == {"a": 2}
