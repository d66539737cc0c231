"""Reasons for a failed distributed Map on the embedded engine: the outcome of an item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from contract import Lab

from harness.engine.moto.engine import MotoEngine
from harness.observe.failed_items import failed_items
from harness.observe.model import Run
from harness.report.explain import explain
from harness.testing import observed


@pytest.fixture(autouse=True)
def _embedded(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("of the embedded engine")


def a_map(kind: str, states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A distributed Map over two items, whose workflow has one state."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    workflow = {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}
    return {"Type": "Map", "ItemProcessor": workflow, "End": True, **fields}


def fail(cause: str) -> dict[str, Any]:
    return {"Type": "Fail", "Error": "E", "Cause": cause}


ITEMS = [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_map_that_failed_has_an_item_that_did(lab: Lab, kind: str) -> None:
    execution = lab.play({"M": a_map(kind, {"Bad": fail("of the item")})}, ITEMS)

    (item,) = failed_items(lab.clients, [Run("run", execution)])

    assert (item.status, item.error, item.cause) == ("FAILED", "E", "of the item")


def test_of_two_maps_the_one_that_failed_is_asked(lab: Lab) -> None:
    tolerated = a_map("STANDARD", {"Fine": fail("tolerated")}, ToleratedFailurePercentage=100)
    bad = a_map(
        "STANDARD", {"Wait": {"Type": "Wait", "Seconds": 5, "Next": "Bad"}, "Bad": fail("not tolerated")}
    )
    branches = [{"StartAt": name, "States": {name: state}} for name, state in (("A", bad), ("B", tolerated))]
    execution = lab.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}}, ITEMS)

    assert [item.cause for item in failed_items(lab.clients, [Run("run", execution)])] == ["not tolerated"]


def test_an_item_that_is_a_map_itself_is_followed(lab: Lab) -> None:
    inner = a_map("STANDARD", {"Bad": fail("deep")}, ItemsPath="$.n")
    execution = lab.play({"M": a_map("STANDARD", {"Inner": inner})}, [{"n": [1]}])

    causes = [item.error for item in failed_items(lab.clients, [Run("run", execution)])]

    assert causes == ["States.ExceedToleratedFailureThreshold", "E"]


def test_a_map_that_ended_well_is_not_asked(lab: Lab) -> None:
    execution = lab.play({"M": a_map("STANDARD", {"Fine": {"Type": "Succeed"}})}, ITEMS)

    assert failed_items(lab.clients, [Run("run", execution)]) == ()


def test_the_item_explains_the_failure(lab: Lab) -> None:
    execution = lab.play({"M": a_map("STANDARD", {"Bad": fail("of the item")})}, ITEMS)
    seen = replace(observed(execution), failed_items=failed_items(lab.clients, [Run("run", execution)]))

    endings = explain(seen).endings

    assert [(e.state, e.error, e.cause) for e in endings] == [
        (
            "M",
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
        ),
        ("Bad", "E", "of the item"),
    ]
