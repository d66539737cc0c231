"""Schedule expressions, and rules that fire on the world's clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.engine.moto.schedules import parsed
from harness.stepfunctions.task_time import ClockMode


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(engine, Clients(engine.reset()), tmp_path_factory.mktemp("lab"))
    engine.set_clock_mode(ClockMode.STEPPED)
    return lab


@pytest.mark.parametrize(
    ("expression", "moments"),
    [
        ("rate(1 minute)", ["2025-01-01T00:01", "2025-01-01T00:02"]),
        ("rate(12 hours)", ["2025-01-01T12:00", "2025-01-02T00:00"]),
        ("cron(15 10 * * ? *)", ["2025-01-01T10:15", "2025-01-02T10:15"]),
        ("cron(0/30 8-9 ? * MON-FRI *)", ["2025-01-01T08:00", "2025-01-01T08:30", "2025-01-01T09:00"]),
        ("cron(0 18 ? * SUN,7 *)", ["2025-01-04T18:00", "2025-01-05T18:00"]),
        ("cron(0 8 1 * ? *)", ["2025-01-01T08:00", "2025-02-01T08:00"]),
        ("cron(0 8 L * ? *)", ["2025-01-31T08:00", "2025-02-28T08:00"]),
        ("cron(0 8 1W * ? *)", ["2025-01-01T08:00", "2025-02-03T08:00", "2025-03-03T08:00"]),
        ("cron(0 8 ? * 6L *)", ["2025-01-31T08:00", "2025-02-28T08:00"]),
        ("cron(0 8 ? * MON#2 *)", ["2025-01-13T08:00", "2025-02-10T08:00"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("cron(0 0 1 1 ? 2020)", []),
        ("cron(0 0 1 1 ? 2026-2027)", ["2026-01-01T00:00", "2027-01-01T00:00"]),
    ],
)
def test_the_moments_of_a_schedule(expression: str, moments: list[str]) -> None:
    schedule, found = parsed(expression), []
    last: float | None = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
    while last is not None and len(found) < max(len(moments), 1):
        last = schedule.after(last)
        if last is not None:
            found.append(f"{datetime.fromtimestamp(last, UTC):%Y-%m-%dT%H:%M}")
    assert found == moments


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(0 minutes)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(60 8 * * ? *)",
        "cron(0 8 32 * ? *)",
        "cron(0 8 ? * XXX *)",
        "cron(0 8 * * ?)",
        "every day",
    ],
)
def test_a_schedule_that_is_none_is_refused(lab: Lab, expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(expression)
    events = lab.clients.client("events")
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        events.put_rule(Name="r", ScheduleExpression=expression)


def test_a_rule_starts_something_while_an_execution_waits(lab: Lab) -> None:
    resources = {
        "Role": role(),
        "F": function("app.go"),
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(10 minutes)",
                "Targets": [{"Id": "f", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}],
            },
        },
    }
    code = "import time\ndef go(event, context):\n    return time.time()\n"
    stack = lab.deploy({"Resources": resources}, {"src/app.py": code})
    assert not [note for note in stack.notes if "schedule" in note.text]
    lab.play({"W": {"Type": "Wait", "Seconds": 1900, "End": True}})
    invocations = lab.engine.invocations()
    events: list[Any] = [json.loads(each.payload) for each in invocations]
    assert [event["time"] for event in events] == [f"2025-01-01T00:{n}0:00Z" for n in (1, 2, 3)]
    assert {(event["detail-type"], event["source"]) for event in events} == {
        ("Scheduled Event", "aws.events")
    }
    assert [f"{datetime.fromtimestamp(float(i.result), UTC):%H:%M:%S}" for i in invocations] == [
        f"00:{n}0:00" for n in (1, 2, 3)
    ]
    lab.clients.client("events").disable_rule(Name=stack.resources["Rule"].physical_id)
    lab.execute(lab.machine({"W": {"Type": "Wait", "Seconds": 1200, "End": True}}), name="run-2")
    assert len(lab.engine.invocations()) == 3


def test_a_schedule_lets_no_time_pass_by_itself(lab: Lab) -> None:
    lab.engine.set_clock_mode(ClockMode.VIRTUAL)
    lab.clients.client("events").put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    before = lab.engine.clock.monotonic()
    assert lab.engine.settle(10)
    assert lab.engine.clock.monotonic() == before
