"""The order of a failure's text, and the help for its cause."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import report_samples as samples
from rich.console import Console

from harness.expect.compare import compare
from harness.functions.shared.model import FunctionError, Invocation
from harness.observe.access import Access
from harness.observe.model import Execution, Observation
from harness.report.failure import failure_text
from harness.report.model import Result
from harness.report.terminal import TerminalReport
from harness.stack.origin import Origin
from harness.testing import a_history, a_message, an_execution, an_invocation, observed
from harness.testing.clock import arn

TEMPLATE = """\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: Ship
        States:
          Ship:
            Type: Task
            Resource: ship
            Catch: [{ErrorEquals: [States.ALL], Next: Decide}]
            Next: Done
          Decide:
            Type: Choice
            Choices: [{Variable: $.refund.state, StringEquals: DONE, Next: Done}]
            Default: Done
  Ship:
    Type: AWS::Lambda::Function
    Properties:
      Code: src
      Handler: ship.handler
      Timeout: 30
      Environment: {Variables: {TABLE: Orders}}
"""
SCENARIO = "title: T\nexpect:\n  execution: {status: FAILED, error: TooHeavy}\n  messages: [{body: sent}]\n"
ORDER = '{"order_id": "1001", "items": []}'
TRACE = ('  File "/var/task/ship.py", line 4, in handler\n    weight = event["weight"]\n',)


@pytest.fixture
def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "ship.py").write_text("import os\n\n\ndef handler(event, context):\n    pass\n")

    def origin(name: str) -> Origin:
        return Origin(Path("template.yaml"), "shop", name, "")

    return Access(
        named={arn("states", "stateMachine:Workflow"): "Machine"},
        origins={name: origin(name) for name in ("Machine", "Ship")},
    )


def cause(state: str = "Decide", event: int = 5, what: str = "") -> str:
    what = (
        what
        or "Invalid path '$.refund.state': The choice state's condition path references an invalid value."
    )
    return f"An error occurred while executing the state '{state}' (entered at the event id #{event}). {what}"


def caught_then_wrong_path(error: str = "TooHeavy", why: str = "") -> Execution:
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship", input=ORDER)
        .schedules("shop-ship", ORDER)
        .fails(error, json.dumps({"errorMessage": "45 kg", "requestId": "request-1"}))
        .exits("Ship")
        .enters("Decide", "Choice", input='{"refund": {"status": "DONE", "cents": 3}}')
        .event("ExecutionFailed", error="States.Runtime", cause=why or cause(event=6))
    )
    return an_execution("FAILED", history=history, error="States.Runtime", cause=why or cause(event=6))


def uncaught(error: str, payload: str = ORDER, message: str = "") -> Execution:
    why = json.dumps({"errorMessage": message, "requestId": "request-1"})
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship", input=payload)
        .schedules("shop-ship", payload)
        .fails(error, why)
        .event("ExecutionFailed", error=error, cause=why)
    )
    return an_execution("FAILED", history=history, error=error, cause=why)


def text_of(
    access: Access,
    execution: Execution,
    *invocations: Invocation,
    scenario: str = SCENARIO,
    virtual_time: bool = True,
    verbose: bool = False,
) -> str:
    result = result_of(access, execution, *invocations, scenario=scenario)
    assert result.observation is not None
    seen = replace(result.observation, virtual_time=virtual_time)
    return failure_text(replace(result, observation=seen), verbose)


def result_of(
    access: Access, execution: Execution, *invocations: Invocation, scenario: str = SCENARIO
) -> Result:
    seen = observed(
        execution,
        invocations=invocations,
        functions={"shop-ship": "Ship"},
        access=access,
        messages=[a_message("S", "sent no more")],
    )
    played = samples.scenario(scenario, "x.yaml")
    return Result(played, "moto", "failed", 1.0, compare(played, seen), seen)


def failed(error: FunctionError, payload: str = ORDER) -> Invocation:
    return an_invocation("shop-ship", payload=payload, error=error)


def order_of(text: str, *parts: str) -> list[int]:
    found = [text.index(part) for part in parts]
    assert found == sorted(found), text
    return found


def test_the_cause_comes_before_what_follows_from_it_and_names_its_line(access: Access) -> None:
    text = text_of(
        access, uncaught("KeyError", message="'weight'"), failed(FunctionError("KeyError", "'weight'", TRACE))
    )
    first = text.splitlines()[2:6]
    assert first == [
        "What happened",
        "  execution run-1 of Workflow: FAILED in state Ship (template.yaml:8)",
        "  state Ship (template.yaml:8): Ship failed: KeyError",
        "    Traceback (most recent call last):",
    ]
    order_of(text, "What happened", "KeyError: 'weight'", "x.yaml:3: execution:", "x.yaml:4: messages:")


def test_an_error_that_is_caught_and_expected_is_no_cause(access: Access) -> None:
    heavy = failed(FunctionError("TooHeavy", "45 kg", TRACE))
    text = text_of(access, caught_then_wrong_path(), heavy)
    order_of(
        text,
        "  execution run-1 of Workflow: FAILED in state Decide (template.yaml:15): States.Runtime\n",
        "    > 15 |             Choices: [{Variable: $.refund.state",
        "    $.refund has the keys status and cents\n    Decide was entered from Ship (template.yaml:11)\n",
        "x.yaml:3: execution: the error is",
        "Also happened\n  state Ship (template.yaml:8): Ship failed: TooHeavy (caught, expected)",
    )
    assert "Traceback" not in text
    assert "Traceback" in text_of(access, caught_then_wrong_path(), heavy, verbose=True)


def test_an_error_that_nobody_expects_is_a_cause_though_it_is_caught(access: Access) -> None:
    text = text_of(access, caught_then_wrong_path("Broken"), failed(FunctionError("Broken", "b", TRACE)))
    order_of(text, "Ship failed: Broken (caught)\n", "Traceback", "x.yaml:3: execution:")
    assert "Also happened" not in text


def test_an_error_that_the_scenario_makes_is_a_cause_of_an_end_that_it_does_not_want(access: Access) -> None:
    caught = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship")
        .calls("sns:publish")
        .fails("SNS.Throttled", "slow down")
        .exits("Ship")
        .enters("Done", "Fail")
        .event("ExecutionFailed", error="SNS.Throttled", cause="slow down")
    )
    execution = an_execution("FAILED", history=caught, error="SNS.Throttled", cause="slow down")
    faults = "faults: [{task: sns:publish, error: Throttled}]\n"
    wants = "title: T\n" + faults + "expect:\n  execution: {status: SUCCEEDED}\n"
    text = text_of(access, execution, scenario=wants)
    order_of(
        text,
        "state Ship (template.yaml:8): failed: SNS.Throttled (caught, by the scenario)",
        "x.yaml:4: execution",
    )


def test_an_end_as_the_scenario_wants_it_comes_last(access: Access) -> None:
    text = text_of(access, uncaught("TooHeavy"), failed(FunctionError("TooHeavy", "45 kg", TRACE)))
    order_of(
        text,
        "x.yaml:4: messages:",
        "What happened\n",
        "  execution run-1 of Workflow: FAILED in state Ship (template.yaml:8) (as expected)\n",
        "  state Ship (template.yaml:8): Ship failed: TooHeavy (expected)",
    )


@pytest.mark.parametrize(
    ("error", "payload", "hint"),
    [
        (FunctionError("KeyError", "'weight'", TRACE), ORDER, "its event has the keys order_id and items"),
        (
            FunctionError("KeyError", "'g'", (TRACE[0].replace('"weight"]', '"weight"]["g"]'),)),
            '{"weight": {"kg": 45}}',
            'event["weight"] has the key kg',
        ),
        (
            FunctionError("KeyError", "'LIMIT'", (TRACE[0].replace("event[", "os.environ["),)),
            ORDER,
            "environment variable 'LIMIT' of Ship is not set (template.yaml:23)",
        ),
        (
            FunctionError("Sandbox.Timedout", "RequestId: r Error: Task timed out after 30.00 seconds"),
            ORDER,
            "the function's Timeout is 30 s of virtual time (template.yaml:22)\n"
            "    the handler of Ship (src/ship.py:4)",
        ),
    ],
)
def test_hints_help_with_the_error_of_a_function(
    access: Access, error: FunctionError, payload: str, hint: str
) -> None:
    text = text_of(access, uncaught(error.type, payload), failed(error, payload))
    assert f"\n    {hint}\n" in text
    assert "1001" not in text[: text.index("x.yaml:3")]


def test_real_time_is_not_called_virtual(access: Access) -> None:
    error = FunctionError("Sandbox.Timedout", "Task timed out after 2.50 seconds")
    text = text_of(access, uncaught(error.type), failed(error), virtual_time=False)
    assert "the function's Timeout is 2.5 s" in text


def test_a_result_that_is_too_large_has_its_size_and_the_quota(access: Access) -> None:
    execution = uncaught("States.DataLimitExceeded")
    large = an_invocation(
        "shop-ship", result=json.dumps("x" * 300_000), state="Ship", execution_arn=execution.arn
    )
    text = text_of(access, execution, large)
    hint = "the result is 300,002 bytes; the Step Functions quota is 262,144 bytes"
    assert f"    {hint}\n    the handler of Ship (src/ship.py:4)\n" in text


def test_a_failed_task_of_a_service_shows_its_call_and_a_time_out_its_clock(access: Access) -> None:
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship")
        .calls("dynamodb:putItem", '{"TableName": "ship"}')
        .fails("DynamoDB.ResourceNotFoundException", "not found")
    )
    text = text_of(access, an_execution("FAILED", history=history))
    assert "state Ship (template.yaml:10): failed: DynamoDB.ResourceNotFoundException" in text
    assert "\n    the call: dynamodb:PutItem TableName=ship\n" in text
    late = a_history().enters("Ship").calls("sns:publish").fails("States.Timeout")
    assert "the state's TimeoutSeconds elapsed in virtual time" in text_of(
        access, an_execution("FAILED", history=late)
    )


def test_a_long_cause_is_told_once(access: Access) -> None:
    data = json.dumps({"order_id": "1001", "items": ["lamp"] * 50})
    what = f"The JsonPath argument for the field '$.client' could not be found in the input '{data}'"
    text = text_of(access, caught_then_wrong_path(why=cause(event=6, what=what)))
    assert text.count("lamp") < 10
    assert "the searched data has the keys order_id and items" in text
    whole = text_of(access, caught_then_wrong_path(why=cause(event=6, what=what)), verbose=True)
    assert data in whole


def test_the_item_of_a_map_is_shown(access: Access) -> None:
    why = json.dumps({"errorMessage": "no", "requestId": "request-1"})
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Each", "Map")
        .event("MapStateStarted")
        .event("MapIterationStarted", index=0)
        .enters("Ship", input='{"n":1}')
        .event("MapIterationStarted", after=3, index=1)
        .enters("Ship", input='{"n":0}')
        .schedules("shop-ship", '{"n":0}')
        .fails("ZeroDivisionError", why)
    )
    text = text_of(access, an_execution("FAILED", history=history))
    assert "state Ship (template.yaml:8, in Each): Ship failed: ZeroDivisionError" in text
    assert '\n    item 1 of Each: {"n":0}\n' in text
    alone = replace(
        uncaught("E"), input='{"n":0}', machine_arn=f"{arn('states', 'stateMachine:Workflow')}/4f"
    )
    assert '\n    the item: {"n":0}\n' in text_of(access, alone)
    assert "in state Ship (template.yaml:8)" in text_of(access, alone)


def test_where_nothing_failed_the_states_that_wrote_are_named(access: Access) -> None:
    history = (
        a_history().event("ExecutionStarted").enters("Ship").calls("sns:publish").succeeds().exits("Ship")
    )
    written = text_of(
        access,
        an_execution("SUCCEEDED", history=history),
        scenario="title: T\nexpect:\n  messages: [{body: sent}]\n",
    )
    more = "\n\n  for more: harness explain messages"
    assert written.endswith(f"\nWhat was written\n  state Ship (template.yaml:8): sns:Publish{more}")
    way = text_of(
        access, an_execution("SUCCEEDED", history=history), scenario="title: T\nexpect:\n  path: [Other]\n"
    )
    assert "What was written" not in way


def test_a_path_that_differs_names_the_line_that_led_there(access: Access) -> None:
    text = text_of(access, caught_then_wrong_path(), scenario="title: T\nexpect:\n  path: [Ship, Done]\n")
    assert "path: state 2 after Ship (template.yaml:11): expected Done, seen Decide" in text


def shown(result: Result, width: int, **settings: Mapping[str, object]) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None, highlight=False)
    report = TerminalReport(console, clock=lambda: 0.0, screen=True, **settings)  # type: ignore[arg-type]
    report.started([result.scenario], "moto")
    report.scenario_started(result.scenario)
    report.scenario_finished(result)
    report.finished()
    return stream.getvalue()


def test_a_narrow_screen_breaks_prose_between_words_and_nothing_that_is_copied(access: Access) -> None:
    result = replace(result_of(access, caught_then_wrong_path()), reproduce="harness run " + "x" * 60)
    lines = [text for text in shown(result, 60).splitlines() if "\x1b" not in text]
    at = lines.index("What happened")
    assert lines[at + 1 : at + 3] == [
        "  execution run-1 of Workflow: FAILED in state Decide",
        "    (template.yaml:15): States.Runtime",
    ]
    assert all(text == text.rstrip() for text in lines)
    assert f"  harness run {'x' * 60}  # 2 mismatches" in lines


def test_the_observation_of_one_scenario_stands_under_its_line(access: Access) -> None:
    text = shown(result_of(access, caught_then_wrong_path()), 100)
    assert text.count("FAIL") - text.count("FAILED") == 1
    assert text.endswith("\n1 failed in 0.0 s on moto\n")


def test_what_is_seen_without_a_template_has_no_places() -> None:
    seen: Observation = observed(caught_then_wrong_path())
    played = samples.scenario(SCENARIO, "x.yaml")
    text = failure_text(Result(played, "moto", "failed", 1.0, compare(played, seen), seen))
    assert "execution run-1 of Workflow: FAILED in state Decide: States.Runtime\n" in text
