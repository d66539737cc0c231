"""Executions recorded on AWS give the same histories on the engine, with real functions."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import recording_replay as replay
from recording_engine import Bench, in_our_account

from harness.engine.moto.engine import MotoEngine

KNOWN = json.loads((Path(__file__).parent / "recording_differences.json").read_text())
# What only an engine with its own services shows.
KNOWN["test_send_message_no_such_queue"] = "the recording names another host in the cause than in the input"

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        replay.recordings() is None,
        reason=f"AWS's recordings are not here: set {replay.VARIABLE} to their folder",
    ),
]


@pytest.fixture(scope="module", params=["an empty engine", "an engine that others have used"])
def bench(request) -> Iterator[tuple[Bench, bool]]:
    engine = MotoEngine()
    try:
        bench = Bench(engine)
        bench.empty()
        yield bench, request.param == "an empty engine"
    finally:
        engine.stop()


@pytest.mark.parametrize("case", replay.cases(), ids=replay.case_id)
def test_history_is_as_on_aws(bench, case):
    engine, always_empty = bench
    if always_empty:
        engine.empty()
    name = replay.case_id(case)
    ours = in_our_account(case)
    found = replay.differences(ours, engine.replay(ours))
    if name in KNOWN:
        assert found, f"no difference any more: remove {name}"
    else:
        assert found == []
