"""No confidential data remains in an imported scenario, or in messages about it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from exported import described, execute, history
from played_again import STUBBED, end_of, import_, played
from replaying import recorded

from harness.cli import main
from harness.importing.hiding import Hiding
from harness.importing.reads import Reads, reads_of
from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded

pytestmark = pytest.mark.usefixtures("kept_engines")

SECRETS = {
    "account": "735512908846",
    "function": "acmebilling-charge",
    "table": "acmeledger-prod",
    "bucket": "acmevault-exports",
    "queue": "acmequeue-in",
    "topic": "acmetopic-alerts",
    "mail": "jane.roe@acmecorp.example",
    "host": "db7.internal.acmecorp.com",
    "address": "10.44.7.201",
    "request": "7d3f1c52-9b1e-4c57-8b5d-0f4dd2a9c001",
    "key": "AKIAZQ3XACMECORPKEY1",
    "instance": "i-0acde123456789f01",
    "person": "Jane Roeville",
    "phone": "+49 171 5550199",
    "iban": "DE44500105175407324931",
    "path": "/opt/acmehome/janeroe/handler.py",
    "amount": 48151623,
    "worker": "acmehost-worker-9",
    "sentence": "We refuse the order of Jane Roeville",
}
WORDS = [*(str(each) for each in SECRETS.values()), "acme", "Roeville", "janeroe", "jane.roe"]
S = SECRETS


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:eu-central-1:{S['account']}:{rest}"


CAUSE = json.dumps(
    {
        "errorMessage": S["sentence"],
        "errorType": "OrderRefused",
        "requestId": S["request"],
        "stackTrace": [f'  File "{S["path"]}", line 3, in handler\n'],
        "logStream": f"2026/01/01/[$LATEST]{S['function']}",
    }
)
RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Refused"}]
END = {
    "Enough": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.r.count", "NumericGreaterThan": 3, "Next": "Done"}],
        "Default": "Refused",
    },
    "Done": {"Type": "Succeed"},
    "Refused": {"Type": "Fail", "Error": "Refused", "CausePath": "$.error.Cause"},
}
TASKS: list[dict[str, Any]] = [
    {"Resource": arn("lambda", f"function:{S['function']}"), "Parameters": {"who.$": "$.customer"}},
    {
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": S["function"], "Payload.$": "$"},
        "ResultSelector": {"count.$": "$.Payload.count"},
    },
    {
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Parameters": {"TableName": S["table"], "Key": {"id": {"S.$": "$.customer.iban"}}},
    },
    {
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {
            "QueueUrl": f"https://sqs.eu-central-1.amazonaws.com/{S['account']}/{S['queue']}",
            "MessageBody.$": "States.Format('{} at {}', $.customer.person, $.server)",
        },
    },
    {
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": arn("sns", S["topic"]), "Message.$": "States.JsonToString($)"},
    },
]
INPUT = {
    "customer": {name: S[name] for name in ("person", "mail", "phone", "iban", "amount")},
    "server": f"https://{S['host']}:5432/{S['bucket']}?a=1",
    "from": S["address"],
    S["mail"]: 5,
    "arns": [arn("s3", S["bucket"]), arn("states", f"execution:{S['function']}:{S['worker']}")],
    "key": S["key"],
    "list": [S["person"], S["instance"]],
}
RESULT = {
    "count": 2,
    "text": f"{S['person']} has {S['amount']} at {S['host']}",
    "Payload": {"count": 5, "by": S["worker"], S["iban"]: S["amount"]},
    "SdkResponseMetadata": {"RequestId": S["request"]},
}


def case(number: int) -> tuple[dict[str, Any], Any]:
    """A machine, and a world that responds to it."""
    chance, trouble = random.Random(number), number % 4

    def answer(_request: TaskRequest) -> Outcome:
        if trouble and chance.random() < trouble / 3:
            error = chance.choice(["OrderRefused", f"refused by {S['person']}", "Lambda.Unknown"])
            return TaskFailed(error, chance.choice([CAUSE, f"{S['sentence']} ({S['address']}, {S['path']})"]))
        return TaskSucceeded(RESULT)

    task = {"Type": "Task", **TASKS[number % len(TASKS)], "ResultPath": "$.r", "Retry": RETRY, "Catch": CATCH}
    if number % 3 == 2:  # in a Map
        one = {"StartAt": "One", "States": {"One": {**task, "Catch": [], "End": True}}}
        select = {**{f"{name}.$": f"$.{name}" for name in ("customer", "server")}, "i.$": "$$.Map.Item.Value"}
        mapped = {"Type": "Map", "ItemsPath": "$.list", "ItemSelector": select, "ItemProcessor": one}
        states = {"Each": {**mapped, "ResultPath": "$.p", "Catch": CATCH, "Next": "Done"}}
    else:
        states = {"Call": {**task, "Next": "Enough"}}
    end = {name: state for name, state in END.items() if name != "Enough" or "Call" in states}
    return {"StartAt": next(iter(states)), "States": {**states, **end}}, answer


@pytest.mark.parametrize("number", range(20))
def test_secrets_are_in_neither_the_scenario_nor_the_messages(tmp_path, monkeypatch, capsys, number):
    definition, answer = case(number)
    execution = execute(definition, answer, input=json.dumps(INPUT), name=S["worker"])
    (tmp_path / "history.json").write_text(json.dumps(history(execution)))
    assert all(str(word) in json.dumps(history(execution)) for word in (S["person"], S["amount"], S["phone"]))
    about = {
        **described(execution),
        "executionArn": arn("states", f"execution:{S['function']}:{S['worker']}"),
    }
    (tmp_path / "history.describe.json").write_text(json.dumps(about))
    found = import_(execution, definition, STUBBED)
    (tmp_path / "flow.asl.json").write_text(json.dumps(definition))
    monkeypatch.chdir(tmp_path)
    assert main(["import", "history.json", "--definition", "flow.asl.json", "--stubbed"]) == 0
    said = capsys.readouterr()
    (written,) = (tmp_path / "scenarios").glob("*.yaml")
    # The definition is provided by its owner, with its real names.
    own = written.read_text().replace(f"{S['function']}: never_runs.py", "")
    for word in WORDS:
        assert word.lower() not in (found.text + own + found.name + said.out + said.err).lower(), word
    assert end_of(recorded(played(found, definition))) == (
        execution.status.value,
        recorded(execution).events[-1].text("error"),
    )


@pytest.mark.parametrize("number", range(20))
def test_secrets_are_not_in_a_definition_that_is_made(tmp_path, monkeypatch, capsys, number):
    definition, answer = case(number)
    execution = execute(definition, answer, input=json.dumps(INPUT), name=S["worker"])
    (tmp_path / "history.json").write_text(json.dumps(history(execution)))
    (tmp_path / "history.describe.json").write_text(json.dumps(described(execution)))
    monkeypatch.chdir(tmp_path)
    assert main(["import", "history.json", "--output", "made/a.yaml"]) == 0
    said = capsys.readouterr()
    written = [path.read_text() for path in sorted((tmp_path / "made").iterdir())]
    assert len(written) > 1
    for word in WORDS:
        assert word.lower() not in "\n".join([*written, said.out, said.err]).lower(), word


def test_the_same_is_replaced_by_the_same_of_its_size():
    hiding = Hiding(Reads())
    found = hiding.value({"a": "Jane Roe", "b": ["Jane Roe", "John Doe"], "n": [4815, -2.5, 4815], "t": True})
    assert isinstance(found, dict)
    assert found["b"] == [found["a"], found["b"][1]]
    assert found["a"] != found["b"][1]
    assert [len(each) for each in found["b"]] == [8, 8]
    assert found["n"][0] == found["n"][2]
    assert (len(str(found["n"][0])), len(str(found["n"][1])), found["t"]) == (4, 4, True)
    assert hiding.name("arn:aws:sqs:eu-west-1:222233334444:orders in orders") == (
        "arn:aws:sqs:eu-west-1:111111111111:name-1 in name-1"
    )


def test_what_is_kept_is_kept():
    value = {"who": S["mail"], "n": 48151623}
    assert Hiding(Reads(), keep_names=True, keep_data=True).value(value) == value
    assert Hiding(Reads(), keep_data=True).value(value) == {"who": "user-1@example.com", "n": 48151623}


def test_values_stay_by_which_the_definition_decides():
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.order['total']", "NumericGreaterThan": 7}]}
    states = {
        "Take": {"Type": "Pass", "Parameters": {"total.$": "$.sum", "sum2.$": "States.MathAdd($.x, 1)"}},
        "Choose": choice,
        "Tell": {"Type": "Pass", "Parameters": {"text.$": "States.Format('{}', $.name)", "kind": "ORDER"}},
        "Wait": {"Type": "Wait", "SecondsPath": "$.pause"},
        "Ask": {"Type": "Pass", "Output": "{% $states.input.due > 5 %}"},
    }
    reads = reads_of({"StartAt": "Take", "States": states})
    given = {"sum": 8, "total": 9, "x": 1234, "pause": 30, "due": 66, "name": "Ada", "kind": "ORDER"}
    found = Hiding(reads).value(given)
    assert isinstance(found, dict)
    assert {key: value for key, value in found.items() if key != "name"} == {
        key: value for key, value in given.items() if key != "name"
    }
    assert found["name"] != "Ada"
