"""Layered box layout."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.drawing.layered import Layout, layered

NAMES = "abcdefgh"
LINKS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20)


def placed(*links: str) -> Layout:
    names = dict.fromkeys("".join(links))
    return layered(dict.fromkeys(names, (100, 40)), [(link[0], link[1]) for link in links])


def test_what_follows_is_below() -> None:
    places = placed("ab", "bc").places
    assert [places[name][1] for name in "abc"] == [0, 80, 160]
    assert {places[name][0] for name in "abc"} == {0}


def test_a_way_back_leads_up() -> None:
    layout = placed("ab", "bc", "ca")
    (_, start), *_, (_, end) = layout.lines["c", "a"]
    assert start == layout.places["c"][1]
    assert end == layout.places["a"][1] + 40


def test_ways_do_not_cross_where_they_need_not() -> None:
    places = placed("ax", "ay", "xp", "yq", "pe", "qe").places
    assert (places["x"][0] < places["y"][0]) == (places["p"][0] < places["q"][0])


def test_a_long_line_goes_round_the_boxes() -> None:
    layout = placed("ab", "bc", "ac")
    bends = layout.lines["a", "c"][1:-1]
    assert all(x < layout.places["b"][0] or x > layout.places["b"][0] + 100 for x, _ in bends)


@pytest.mark.parametrize("links", [(), ("aa",)])
def test_without_lines(links: tuple[str, ...]) -> None:
    layout = layered({"a": (10, 20)}, [(link[0], link[1]) for link in links])
    assert (dict(layout.places), dict(layout.lines), layout.width, layout.height) == (
        {"a": (0, 0)},
        {},
        10,
        20,
    )


def test_nothing_is_placed_of_nothing() -> None:
    assert layered({}, [("a", "b")]) == Layout({}, {}, 0, 0)


@settings(max_examples=60, deadline=None)
@given(LINKS)
def test_no_boxes_meet_and_all_is_inside(links: list[tuple[str, str]]) -> None:
    sizes = {name: (50.0 + 20 * number, 30.0 + number) for number, name in enumerate(NAMES)}
    layout = layered(sizes, links)
    areas = [
        (*layout.places[n], layout.places[n][0] + w, layout.places[n][1] + h) for n, (w, h) in sizes.items()
    ]
    for one, other in combinations(areas, 2):
        assert (
            one[2] <= other[0] + 0.01 or other[2] <= one[0] + 0.01 or one[3] <= other[1] or other[3] <= one[1]
        )
    assert all(
        x >= -0.01 and y >= 0 and r <= layout.width + 0.01 and b <= layout.height + 0.01
        for x, y, r, b in areas
    )
    assert set(layout.lines) == {link for link in links if link[0] != link[1]}
    for points in layout.lines.values():
        heights = [y for _, y in points]
        assert heights == sorted(heights) or heights == sorted(heights, reverse=True)
        assert all(one != other for one, other in pairwise(points))


def test_the_same_again() -> None:
    assert placed("ab", "ac", "bd", "cd", "da") == placed("ab", "ac", "bd", "cd", "da")
