"""Replay executions recorded on AWS on an engine, with real functions."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import boto3
from recording_replay import Case, Event

from harness.engine.moto.engine import MotoEngine
from harness.stepfunctions.task_time import ClockMode

ACCOUNT, REGION = "123456789012", "us-east-1"
_RECORDED_ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/snf_role_arn"
# What the functions of the recordings do, by the names that the recordings give it.
BEHAVIOURS = {
    "id_function.py": "def handler(event, context):\n    return event\n",
    "echo_function.py": "def handler(event, context):\n    return {'Return': 'HelloWorld'}\n",
    "return_bytes_str.py": "def handler(event, context):\n    return b'\"HelloWorld!\"'\n",
    "large_output_string.py": "def handler(event, context):\n    return b'a' * (257 * 1024)\n",
    "raise_exception.py": 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n',
    "raise_custom_exception.py": (
        "class CustomException(Exception):\n    message: str\n\n    def __init__(self):\n"
        '        self.message = "CustomException message"\n\n\n'
        "def handler(event, context):\n    raise CustomException()\n"
    ),
    "wait_60_seconds.py": (
        "import time\n\n\ndef handler(event, context):\n    time.sleep(60)\n    return event\n"
    ),
}
# The targets of nested executions are not in the recordings, but their results are.
_TARGET = {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}


def in_our_account(case: Case) -> Case:
    """Return a case as if it had been recorded in the engine's account."""
    moved: Case = json.loads(json.dumps(case).replace(_RECORDED_ACCOUNT, ACCOUNT))
    return moved


class Bench:
    """An engine, and what the recorded executions need there."""

    def __init__(self, engine: MotoEngine) -> None:
        self._engine = engine
        self._played = 0
        endpoint = engine.start()
        session = boto3.session.Session("test", "test", endpoint.session_token, REGION)
        url = endpoint.url
        self._lambda = session.client("lambda", endpoint_url=url)
        self._iam = session.client("iam", endpoint_url=url)
        self._states = session.client("stepfunctions", endpoint_url=url)

    def empty(self) -> None:
        """Begin with an engine on which nothing was made."""
        self._engine.reset()
        self._engine.set_clock_mode(ClockMode.VIRTUAL)
        assumed = {
            "Statement": {"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}
        }
        self._iam.create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(assumed))
        self._engine.clock.sleep(600 * 86_400)  # near the moments that executions wait for: within their year

    def replay(self, case: Case) -> list[Event]:
        """Return the history of a case in our account; once for each until the engine is emptied."""
        self._played += 1
        for name, behaviour in case["lambdas"].items():
            self._function(name, BEHAVIOURS[behaviour])
        self._targets(case)
        definition = case["definition"]
        arn = self._machine(
            f"machine-{self._played}", definition if isinstance(definition, str) else json.dumps(definition)
        )
        # A moment with milliseconds, like AWS's: the length of a StartDate shows in Content-Length.
        now = self._engine.clock.monotonic()
        self._engine.clock.sleep(int(now) + 1.123 - now)
        started = self._states.start_execution(stateMachineArn=arn, name="execution", input=case["input"])
        execution = started["executionArn"]
        assert self._engine.wait_for_execution(execution, 60)
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [_plain(event) for page in pages for event in page["events"]]

    def _machine(self, name: str, definition: str) -> str:
        made = self._states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
        arn: str = made["stateMachineArn"]
        return arn

    def _targets(self, case: Case) -> None:
        target: dict[str, Any] = _TARGET
        if case["lambdas"]:
            (function,) = case["lambdas"]
            resource = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
            target = {"Type": "Task", "Resource": resource, "TimeoutSeconds": 5, "End": True}
        text = json.dumps([case["definition"], case["input"]])
        for name in dict.fromkeys(re.findall(r":stateMachine:(statemachine_\w+)", text)):
            if "NoSuchArn" not in name:
                self._machine(name, json.dumps({"StartAt": "Target", "States": {"Target": target}}))

    def _function(self, name: str, source: str) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("handler.py", source)
        self._lambda.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler="handler.handler",
            Code={"ZipFile": packed.getvalue()},
            Timeout=90,
        )


def _plain(event: Any) -> Event:
    """Return an event as JSON has it."""
    shown = json.loads(json.dumps(event, default=lambda moment: moment.timestamp()))
    return {name: value for name, value in shown.items() if value is not None}
