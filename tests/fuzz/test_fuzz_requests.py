"""Requests that no SDK would send get a response, and never trigger a bug."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests_support import requests, send

from harness.engine.moto.engine import MotoEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


def fuzz(engine: MotoEngine, seed: int, count: int) -> dict[int, int]:
    """Send requests and return the number of each status. Fail at the first bug or missing response.

    501 means that the engine does not support something.
    """
    endpoint, counts = engine.reset(), dict[int, int]()
    for number, (operation, request) in enumerate(requests(seed, count)):
        what = f"{operation}: {request.method} {request.path} {request.body[:2000]!r}"
        said = f"request {number} of seed {seed}, {what}"
        try:
            status, body = send(endpoint, request)
        except OSError as error:
            error.add_note(said)
            raise
        assert status < 500 or status == 501, f"{said}\n{body.decode(errors='replace')}"
        counts[status] = counts.get(status, 0) + 1
        if number % 200 == 199:
            endpoint = engine.reset()
    assert send(endpoint, next(requests(0, 1))[1])[0] < 500
    return counts


def test_odd_requests_are_answered(engine: MotoEngine) -> None:
    counts = fuzz(engine, 1, 100)
    assert counts[400] > 20
    assert counts[200] > 2


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 15))
def test_many_odd_requests_are_answered(engine: MotoEngine, seed: int) -> None:
    assert fuzz(engine, seed, 500)[400] > 100
