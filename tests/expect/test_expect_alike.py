"""Common parts of the output from several runs."""

from __future__ import annotations

import time

from harness.expect.alike import common_text, members, paired


def test_a_text_that_is_the_same_is_whole_and_of_others_the_words_that_are_alike():
    assert common_text(["a", "a"]) == "a"
    assert common_text(["", ""]) == {"equals": ""}
    assert common_text(["run 17 of orders ended", "run 42 of orders ended"]) == {
        "contains": "of orders ended"
    }
    assert common_text(["x", "y"]) is None
    assert common_text(["x", None]) is None
    assert common_text([None, None]) is None


def test_long_texts_that_differ_cost_little():
    one = " ".join(f"word{number}" for number in range(50_000))
    began = time.process_time()
    assert common_text([f"{one} a", f"{one} b"]) == {"contains": " ".join(f"word{n}" for n in range(100))}
    lines = "\n".join(f"line number {number}" for number in range(20_000))
    found = common_text([f"{lines}\n1", f"{lines}\n2"])
    assert isinstance(found, dict)
    assert len(found["contains"]) == 12
    assert time.process_time() - began < 5


def test_members_and_entries_that_belong_together():
    assert members([{"a": 1, "b": {"c": 2, "d": 3}, "e": 4}, {"a": 1, "b": {"c": 2, "d": 5}}]) == {
        "a": 1,
        "b": {"c": 2},
    }
    assert paired([["b", "a"], ["a", "b"]], str) == [("b", "b"), ("a", "a")]
    assert paired([["b"], ["a"]], str) == [("b", "a")]
    assert paired([["b"], []], str) is None
