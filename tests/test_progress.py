"""Long stages report their progress."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from harness import progress
from harness.buckets import SeededBucket, SeededObject
from harness.engine.base import EngineError
from harness.polling import poll
from harness.progress import Progress
from harness.seed import seed_over_api


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_TOLD_EVERY_S", 0.001)


def saying(answers: Sequence[str | Exception]) -> list[str]:
    """The first two reports for `answers`, the last of which is repeated."""
    told: list[str] = []
    left = list(answers)

    def how_far() -> str:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Progress(told=told.append).telling("run", how_far):
        poll(lambda: len(told), lambda number: number >= 2, what="two phrases", timeout_s=20)
    return told


@pytest.mark.usefixtures("at_once")
def test_a_stage_says_how_far_it_is_and_goes_on_without_an_answer() -> None:
    told = saying(["1 call", EngineError("gone"), "", "2 calls"])
    assert told[0] == "run: 1 call"
    assert set(told[1:]) == {"run: 2 calls"}


def test_a_short_stage_says_nothing() -> None:
    told: list[str] = []
    with Progress(told=told.append).telling("run", lambda: "far"):
        pass
    assert told == []


def test_seeding_over_the_api_says_how_many_objects_there_are() -> None:
    put: list[dict[str, Any]] = []
    s3 = SimpleNamespace(
        put_object=lambda **asked: put.append(asked),
        exceptions=SimpleNamespace(BucketAlreadyExists=KeyError, BucketAlreadyOwnedByYou=KeyError),
    )
    clients: Any = SimpleNamespace(s3=s3, create_bucket=lambda name: None)
    told: list[str] = []
    buckets = [SeededBucket(name, [SeededObject("{n}", 1, None, 150)]) for name in ("one", "two")]
    seed_over_api(clients, buckets, told=told.append)
    assert told == ["100 of 300 objects", "200 of 300 objects", "300 of 300 objects"]
    assert [each["Key"] for each in put][:2] == ["1", "2"]
    assert len(put) == 300
