"""Name patterns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.numbered import Pattern
from harness.scenario.pattern import counts
from harness.scenario.position import RefusedError

TEXTS = st.lists(
    st.sampled_from(["a", "1", "0", "-", "{n}", "{n:02}", "{n:03}"]), min_size=1, max_size=4
).map("".join)
PATTERNS = st.builds(
    lambda text, count: Pattern(text, count if "{n" in text else None), TEXTS, st.integers(1, 1050)
)


@settings(deadline=None)
@given(PATTERNS)
def test_a_pattern_contains_what_it_lists_and_lists_as_many_as_it_says(pattern):
    listed = list(pattern)
    assert len(listed) == len(set(listed)) == len(pattern)
    assert all(name in pattern for name in listed)
    assert max(map(len, listed)) == len(pattern.last)


@settings(deadline=None)
@given(PATTERNS, PATTERNS)
def test_patterns_overlap_when_they_have_a_name_in_common(one, other):
    common = set(one) & set(other)
    assert (one.overlap(other) in common) if common else one.overlap(other) is None


@pytest.mark.parametrize("name", ["b-000", "b-041", "b-01", "b-0001", "b-\u0661", "b-", "c-001"])
def test_what_a_pattern_does_not_contain(name):
    assert name not in Pattern("b-{n:03}", 40)


def test_a_counter_counts_from_one():
    assert list(Pattern("{n}/{n:03}", 2)) == ["1/001", "2/002"]


@pytest.mark.parametrize("text", ["{n:5}", "{n:}", "{n:x}", "{n }"])
def test_what_looks_like_a_counter_and_is_none(text):
    with pytest.raises(RefusedError, match=r"is not a valid counter; write \{n\}"):
        counts(text)


def test_other_braces_are_text():
    assert not counts("{name}/{}")
    assert counts("{name}/{n}")


@given(PATTERNS)
def test_names_of_a_block_are_in_order_and_lead_back_to_their_numbers(pattern):
    blocks = [range(low, high + 1) for low, high in pattern.blocks()] if pattern.count else []
    assert [n for block in blocks for n in block] == list(range(1, (pattern.count or 0) + 1))
    for block in blocks:
        names = list(map(pattern.at, block))
        assert names == sorted(names, key=str.encode)
        assert [pattern.number_of(name) for name in names] == list(block)


def test_the_overlap_of_huge_patterns_is_found_at_once():
    large = 10**12
    assert Pattern("a{n}x", large).overlap(Pattern("a{n}-1x", large)) is None
    assert Pattern("a{n}0", large).overlap(Pattern("a5{n:03}", large)) == "a5010"
