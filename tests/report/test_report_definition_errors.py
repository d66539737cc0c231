from __future__ import annotations

import pytest

from harness.json_types import Json
from harness.report.definition_errors import data_in, has_keys, keys_in_words, shortened, texts_of

CHOICE = "Invalid path '$.refund.state': The choice state's condition path references an invalid value."
FORMAT = (
    "The function 'States.Format('{}', $.client)' had the following error: The JsonPath argument for the "
    "field '$.client' could not be found in the input '{data}'"
)
TEMPLATE = "The JSONPath '$.a.b' specified for the field 'Item/Name.$' could not be found in the input '{}'"
JSONATA = (
    "The JSONata expression '$states.input.who & 'x'' specified for the field 'Output/who' returned nothing "
    "(undefined)."
)


@pytest.mark.parametrize(
    ("cause", "texts"),
    [
        (CHOICE, ("$.refund.state",)),
        (FORMAT, ("$.client",)),
        (TEMPLATE, ("$.a.b", "Name.$")),
        (JSONATA, ("$states.input.who & 'x'", "who")),
        ("division by zero", ()),
    ],
)
def test_the_texts_of_the_definition_are_read_from_a_cause(cause: str, texts: tuple[str, ...]) -> None:
    assert texts_of(cause) == texts


@pytest.mark.parametrize(
    ("cause", "data", "said"),
    [
        (CHOICE, {"refund": {"status": 1, "cents": 2}}, "$.refund has the keys status and cents"),
        (CHOICE, {"order": 1}, "the state's input has the key order"),
        (CHOICE, {"refund": "all"}, "$.refund is a string"),
        (CHOICE, {"refund": [1, 2]}, "$.refund is a list of length 2"),
        (CHOICE, {"refund": None}, "$.refund is null"),
        (FORMAT, {}, "the state's input has no keys"),
        (JSONATA, {"a b": 1, "c": 2, "d": 3}, 'the state\'s input has the keys "a b", c and d'),
        ("division by zero", {"a": 1}, ""),
    ],
)
def test_the_keys_are_those_where_the_path_ends(cause: str, data: Json, said: str) -> None:
    assert keys_in_words(cause, data) == said


def test_of_many_keys_the_first_are_named_and_values_never() -> None:
    data: Json = {f"k{n}": f"secret{n}" for n in range(11)}
    assert has_keys("its event", data) == "its event has the keys k0, k1, k2, k3, k4, k5, k6, k7 and 3 more"
    assert has_keys("its event", ["k0"]) == ""


def test_the_data_in_a_cause_are_cut_and_can_be_read() -> None:
    data = '{"order_id":"1001","items":[' + ",".join(["{}"] * 100) + "]}"
    (text,) = shortened(FORMAT.replace("{data}", data))
    assert len(text) < 300
    assert '{"order_id":"1001"' in text
    assert text.endswith(" characters (-v shows all)'")
    assert data_in(FORMAT.replace("{data}", data)) == {"order_id": "1001", "items": [{}] * 100}
    assert data_in(CHOICE) is None


def test_a_line_that_is_very_long_is_cut_in_its_middle() -> None:
    first, second = shortened("begin" + "x" * 1000 + "end\nshort")
    assert first.startswith("begin")
    assert first.endswith("end")
    assert "… 408 characters (-v shows all) …" in first
    assert second == "short"
