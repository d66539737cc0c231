"""Expressions, shards and scenario selection."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression as OfPytest

from harness.choosing import Choice, NothingChosen, chosen
from harness.choosing.expressions import Expression, ExpressionError
from harness.choosing.shard import Shard
from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.model import Scenario


def scenario(name: str, title: str = "It succeeds", *tags: str) -> Scenario:
    text = f"title: {title}\ntags: [{', '.join(tags)}]\nexpect: {{execution: {{status: SUCCEEDED}}}}\n"
    return parse(text, BUILT_IN, Path("scenarios") / f"{name}.yaml")


ALL = (
    scenario("empty-bucket", "An empty bucket", "happy"),
    scenario("late", "The carrier is LATE", "error", "slow"),
    scenario("lost", "An answer is lost", "error"),
)


def names(choice: Choice) -> list[str]:
    return [each.path.stem for each in chosen(ALL, choice)]


def random_expression(chance: random.Random, depth: int) -> str:
    kind = chance.choice(["name", "not", "and", "or", "()"]) if depth else "name"
    if kind == "name":
        return chance.choice("abc")
    if kind == "not":
        return f"not {random_expression(chance, depth - 1)}"
    if kind == "()":
        return f"({random_expression(chance, depth - 1)} )"
    return f"{random_expression(chance, depth - 1)} {kind} {random_expression(chance, depth - 1)}"


def test_expressions_mean_what_they_mean_in_pytest():
    chance = random.Random(5)
    for _ in range(300):
        text = random_expression(chance, 5)
        ours, theirs = Expression.of(text), OfPytest.compile(text)
        for there in ({}, {"a"}, {"b"}, {"a", "b"}, {"a", "b", "c"}):
            assert ours.matches(lambda name, there=there: name in there) == theirs.evaluate(
                lambda name, there=there, **_: name in there
            ), text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a name, not, or an opening parenthesis at column 1, found the end"),
        ("a and", "expected a name, not, or an opening parenthesis at column 6, found the end"),
        ("a b", "expected and, or, or the end at column 3, found 'b'"),
        ("(a or b", "expected a closing parenthesis at column 8, found the end"),
        ("or", "expected a name, not, or an opening parenthesis at column 1, found 'or'"),
        ("(" * 2_000, "nested more than 100 levels deep"),
        ("not " * 2_000 + "a", "nested more than 100 levels deep"),
    ],
)
def test_an_expression_that_is_not_valid_is_told_with_its_column(text, said):
    with pytest.raises(ExpressionError) as told:
        Expression.of(text)
    assert said in str(told.value)


def test_keywords_are_parts_of_path_title_and_tags_in_any_case():
    assert names(Choice(keywords=Expression.of("late"))) == ["late"]
    assert names(Choice(keywords=Expression.of("AN and not bucket"))) == ["lost"]
    assert names(Choice(keywords=Expression.of("slo or happy"))) == ["empty-bucket", "late"]


def test_tags_are_whole():
    assert names(Choice(tags=Expression.of("error and not slow"))) == ["lost"]
    with pytest.raises(NothingChosen, match="no scenario has the tag 'slo'; did you mean 'slow'"):
        names(Choice(tags=Expression.of("slo")))
    with pytest.raises(NothingChosen, match="no scenario has matching tags; known: error, happy, slow"):
        names(Choice(tags=Expression.of("slow and happy")))
    with pytest.raises(NothingChosen, match="none of these scenarios has tags"):
        chosen([scenario("bare")], Choice(tags=Expression.of("slow")))


def test_shards_are_all_together_and_each_once():
    parts = [Shard(number, 4).part(range(10)) for number in (1, 2, 3, 4)]
    assert sorted(each for part in parts for each in part) == list(range(10))
    assert [len(part) for part in parts] == [3, 3, 2, 2]
    assert names(Choice(tags=Expression.of("error"), shard=Shard(2, 2))) == ["lost"]
    assert names(Choice(shard=Shard(4, 4))) == []


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/4/2", "\u0661/\u0664"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(ValueError, match=r"invalid shard .*: write its number and the number of shards"):
        Shard.read(text)
