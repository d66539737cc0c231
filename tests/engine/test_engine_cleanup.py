"""The order in which resources created by scenarios are removed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from harness.engine.cleanup import KINDS


def stack(name: str, minute: int, status: str = "CREATE_COMPLETE", **more: str) -> dict[str, Any]:
    made = datetime(2026, 1, 1, 12, minute, tzinfo=UTC)
    return {"StackName": name, "StackStatus": status, "CreationTime": made, **more}


def test_stacks_that_were_made_last_go_first() -> None:
    stacks = [
        stack("data", 1),
        stack("gone", 2, "DELETE_COMPLETE"),
        stack("flow", 3),
        stack("inner", 4, ParentId="arn:flow"),
    ]
    pages = SimpleNamespace(paginate=lambda: [{"Stacks": stacks}])
    clients: Any = SimpleNamespace(cloudformation=SimpleNamespace(get_paginator=lambda _: pages))
    (kind,) = (kind for kind in KINDS if kind.name == "stack")
    assert list(kind.listed(clients)) == ["flow", "data", "inner"]
