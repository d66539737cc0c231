"""Executions recorded on AWS give the same histories here."""

import json
from pathlib import Path

import pytest
import recording_replay as replay

# Share of cases, per kind, whose every event is as on AWS. Those older than a change of AWS's do not count.
FLOORS = {"pure": 0.98, "pure-jsonata": 0.95, "lambda": 0.95, "lambda-jsonata": 0.95, "service": 0.9}

KNOWN = json.loads((Path(__file__).parent / "recording_differences.json").read_text())

OLDER = {name for name, reason in KNOWN.items() if reason.startswith("recorded ") and ", before " in reason}

pytestmark = pytest.mark.skipif(
    replay.recordings() is None,
    reason=f"AWS's recordings are not here: set {replay.VARIABLE} to their folder",
)


@pytest.mark.parametrize("case", replay.cases(), ids=replay.case_id)
def test_history_is_as_on_aws(case):
    found = replay.differences(case, replay.replay(case))

    if replay.case_id(case) in KNOWN:
        assert found, f"no difference any more: remove it from {KNOWN.keys()}"
    else:
        assert found == []


@pytest.mark.parametrize("kind", FLOORS)
def test_enough_histories_are_as_on_aws(kind):
    cases = [case for case in replay.cases() if case["kind"] == kind and replay.case_id(case) not in OLDER]
    same = [case for case in cases if not replay.differences(case, replay.replay(case))]

    print(f"{kind}: {len(same)} of {len(cases)}")
    assert len(same) >= FLOORS[kind] * len(cases)


def test_every_known_difference_belongs_to_a_case():
    assert KNOWN.keys() <= {replay.case_id(case) for case in replay.cases()}
