"""`harness replay --until`: time stops at an event, and the engine can be inspected."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import boto3
import pytest
from exported import FUNCTION
from rebuilding import make_orders, make_shop

from harness.cli import looking as looking_module
from harness.cli import main


@contextmanager
def looking(*given: str) -> Iterator[str]:
    """Output of the command until it pauses. Ctrl-C then ends it with status 0."""
    command = [sys.executable, "-m", "harness", "replay", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = ""
            for line in process.stdout:
                said += line
                if line.startswith("export AWS_DISABLE_HOST_PREFIX_INJECTION"):
                    break
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.read()
        assert process.wait() == 0


def client(said: str, service: str):
    env = dict(re.findall(r"export (\w+)=(\S+)", said))
    return boto3.client(
        service,
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=env.get("AWS_SESSION_TOKEN"),
    )


def test_functions_have_done_their_work_up_to_the_event(tmp_path, monkeypatch):
    monkeypatch.chdir(make_orders(tmp_path))
    with looking("histories/shipped.json", "--real", "--until", "10") as said:
        assert said.startswith(
            "# Time is stopped right after event 10 of this execution; event 10 of the history is "
            "LambdaFunctionSucceeded.\n# state: ChargePayment\n# input: {"
        )
        arn = said.partition("--execution-arn ")[2].split()[0]
        states, dynamodb = client(said, "stepfunctions"), client(said, "dynamodb")
        for _ in range(2):
            assert len(states.get_execution_history(executionArn=arn)["events"]) == 10
        (table,) = dynamodb.list_tables()["TableNames"]
        (order,) = dynamodb.scan(TableName=table)["Items"]
        assert order["status"] == {"S": "PAID"}


def test_the_history_answers_where_no_function_is_played(tmp_path, monkeypatch):
    shop = make_shop(tmp_path)
    text = (shop / "shop.asl.json").read_text().replace("${Charge}", f"{FUNCTION}prod-Charge-1XYZ")
    text = text.replace("dynamodb:getItem", "aws-sdk:cloudtrail:listTrails")
    parameters = '"Parameters": {"TableName": "${Prices}", "Key": {"sku": {"S.$": "$.sku"}}}'
    (shop / "shop.asl.json").write_text(text.replace(parameters, '"Parameters": {}'))
    (shop / "code/charge.py").unlink()
    monkeypatch.chdir(shop)
    with looking("histories/7.json", "--definition", "shop.asl.json", "--until", "13") as said:
        assert "right after event 13 of this execution" in said
        arn = said.partition("--execution-arn ")[2].split()[0]
        *_, last = client(said, "stepfunctions").get_execution_history(executionArn=arn)["events"]
        assert '"total":42' in last["lambdaFunctionSucceededEventDetails"]["output"].replace(" ", "")


def test_an_event_that_never_comes(tmp_path, monkeypatch, capsys):
    shop = make_shop(tmp_path)
    monkeypatch.chdir(shop)
    assert main(["replay", "histories/7.json", "--real", "--until", "15"]) == 1
    assert capsys.readouterr().out == (
        "histories/7.json: the replay does not reach event 15, ExecutionSucceeded; its last event is 14, "
        "ExecutionFailed\n"
    )


@pytest.mark.parametrize("several", [True, False])
def test_it_is_of_one_history(tmp_path, monkeypatch, capsys, several):
    orders = make_orders(tmp_path)
    monkeypatch.chdir(orders)
    if not several:
        (orders / "histories/shipped.json").write_text("{")
    assert main(["replay", "histories", "--until", "1"]) == 2
    said = (
        "requires a single history, but there are 2"
        if several
        else "shipped.json:1:2: the JSON is incomplete"
    )
    assert said in capsys.readouterr().err


def test_ctrl_c_ends_it_as_soon_as_it_says_how_to_connect(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(make_shop(tmp_path))

    def ready(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking_module, "say_ready", ready)
    assert main(["replay", "histories/7.json", "--until", "13"]) == 0
    assert "# Time is stopped right after event 13" in capsys.readouterr().out
