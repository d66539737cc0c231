"""Run S3 usage report scenarios, and export their executions in AWS's format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.engine.moto.engine import MotoEngine
from harness.expect.project import expectations_of
from harness.observe.model import Execution, Observation
from harness.projects import Projects
from harness.report.model import Result
from harness.scenario.load import parse
from harness.session import Session
from harness.settings import Settings

ROOT = Path(__file__).parents[2]


def settings() -> Settings:
    """The settings of this project."""
    return Projects({}).of(ROOT)


def play(session: Session, path: Path) -> Result:
    """Run a scenario."""
    used = settings()
    return session.run(parse(path.read_text(encoding="utf-8"), expectations_of(used), path), used)


def history(execution: Execution) -> dict[str, Any]:
    """The output of `aws stepfunctions get-execution-history`."""
    return {"events": [_event(each) for each in execution.events]}


def _event(event: Any) -> dict[str, Any]:
    shown = {
        "timestamp": event.timestamp.isoformat(timespec="milliseconds"),
        "type": event.type,
        "id": event.id,
        "previousEventId": event.previous_event_id,
    }
    name = event.type[0].lower() + event.type[1:]
    return {**shown, f"{name}EventDetails": dict(event.details)} if event.details else shown


def described(execution: Execution) -> dict[str, Any]:
    """The output of `aws stepfunctions describe-execution`."""
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started_at.isoformat(),
        "input": execution.input,
    }


def export(observation: Observation, folder: Path) -> list[Path]:
    """Write the execution of the first run and its child executions, each with its DescribeExecution."""
    (run, *_) = observation.runs
    paths = []
    for number, execution in enumerate((run.execution, *run.children)):
        path = folder / ("orchestrator.json" if number == 0 else f"made-{number}.json")
        path.write_text(json.dumps(history(execution)), encoding="utf-8")
        about = path.with_name(f"{path.stem}.describe.json")
        about.write_text(json.dumps(described(execution)), encoding="utf-8")
        paths.append(path)
    return paths


__all__ = ["ROOT", "MotoEngine", "Session", "described", "export", "history", "play", "settings"]
