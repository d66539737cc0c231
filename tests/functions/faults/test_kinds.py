"""Fault kinds: each declares every attribute that other code reads from it."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest

from harness.functions.faults import KINDS, kind_named, kind_of
from harness.functions.faults.cut import Cut
from harness.functions.faults.kind import (
    Argument,
    FunctionFault,
    Kind,
    Message,
    Point,
    TaskFault,
    Unanswered,
    Variant,
    targets,
)
from harness.functions.shared.model import Fault
from harness.scenario.faults import FaultSpec, keys, keys_of


def test_keys_are_unique_and_an_unknown_one_lists_the_known_ones() -> None:
    assert [kind_named(kind.key) for kind in KINDS] == list(KINDS)
    with pytest.raises(
        LookupError, match="known: error, cut, delay, partial, stale, raises, ends, twice, returns"
    ):
        kind_named("explode")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_a_kind_begins_with_its_own_key_and_is_worded_with_its_arguments(kind: type[Kind]) -> None:
    assert keys_of(kind)[0] == kind.key
    assert kind.key in FaultSpec.model_fields
    assert targets(kind)
    named = {name for _, name, _, _ in string.Formatter().parse(kind.words) if name}
    assert named <= set(keys_of(kind))


def test_a_fault_becomes_its_kind_with_its_arguments() -> None:
    cut = kind_of(Fault("cut", "task", arguments={"cut": "after"}))
    assert cut == Cut("after")
    assert isinstance(cut, TaskFault)
    assert cut.on_task() == Unanswered(works=True)


@dataclass(frozen=True)
class _Sulks(Kind, FunctionFault):
    key, words = "sulks", "sulking of {sulks}"
    sulks: Annotated[str, Argument("it says this.")]
    message: Message = ""

    def around(self, handler: object, fire: object) -> object:  # type: ignore[override]
        return handler

    @classmethod
    def variants(cls, point: Point) -> Iterator[Variant]:
        yield Variant("", {"sulks": "no"})


@dataclass(frozen=True)
class _Mumbles(_Sulks):
    key = "mumbles"
    mumbles: Annotated[str, Argument("it says that.")] = ""
    message: Annotated[str, Argument("another one.")] = ""


def test_a_further_kind_brings_its_keys_and_shares_those_of_others() -> None:
    found = {key.name: key.description for key in keys((*KINDS, _Sulks))}
    assert found["sulks"] == "For function: it says this."
    assert found["message"] == "For error and raises and sulks: the message of the error."


@dataclass(frozen=True)
class _Nags(_Sulks):
    key = "nags"
    bucket: Annotated[str, Argument("what it nags about.")] = ""


def test_a_key_that_every_fault_has_is_refused() -> None:
    with pytest.raises(TypeError, match="nags declares bucket, which is a key of every fault"):
        keys((*KINDS, _Nags))


def test_a_key_is_declared_in_one_way() -> None:
    with pytest.raises(TypeError, match="error and mumbles declare message differently"):
        keys((*KINDS, _Mumbles))
