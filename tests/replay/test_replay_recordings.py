"""Executions recorded on AWS are replayed from their histories and definitions alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import recording_replay as recordings
from aws_recordings import definition_of, execution_of

from harness.replay.playing import Replayed, replay
from harness.states import parse

KNOWN = json.loads((Path(__file__).parents[1] / "states" / "recording_differences.json").read_text())

pytestmark = pytest.mark.skipif(
    recordings.recordings() is None,
    reason=f"AWS's recordings are not here: set {recordings.VARIABLE} to their folder",
)


def replayed(case: recordings.Case) -> Replayed:
    return replay(execution_of(case), parse(definition_of(case)), also=recordings.same_text)


@pytest.mark.parametrize("case", recordings.cases(), ids=recordings.case_id)
def test_the_history_is_as_on_aws(case):
    found = replayed(case).differences

    reason = KNOWN.get(recordings.case_id(case), "")
    if reason and "compact JSON" not in reason:  # JSON strings are compared by value
        assert found, "no difference any more: remove it from recording_differences.json"
    else:
        assert found == ()


def test_enough_histories_are_as_on_aws():
    same = [case for case in recordings.cases() if replayed(case).same]

    print(f"{len(same)} of {len(recordings.cases())}")
    assert len(same) >= 0.95 * len(recordings.cases())


def test_another_result_of_a_task_is_a_difference():
    """The stubs return the recorded values: a history with a changed state output no longer matches."""
    cases = [case for case in recordings.cases() if case["kind"] == "lambda" and replayed(case).same]
    found = 0
    for case in cases:
        changed = json.loads(json.dumps(case))
        for event in changed["events"]:
            if event["type"] == "TaskStateExited":
                event["stateExitedEventDetails"]["output"] = "another"
                differing = replayed(changed).differences
                assert [each.what for each in differing[:1]] == ["output"]
                found += 1
                break
    assert found > 5
