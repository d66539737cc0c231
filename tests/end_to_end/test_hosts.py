"""Functions call hosts declared in the scenario: client libraries, and the effects of failing hosts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import minimal_project
import pytest

from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.report.model import Result
from harness.scenario.load import parse
from harness.session import Session
from harness.settings_reading import load_settings

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}
          Action: sts:AssumeRole
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: {Effect: Allow, Action: "*", Resource: "*"}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      {Runtime: python3.11, Handler: app.handler, Role: !GetAtt Role.Arn, Code: code, Timeout: 60}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Ask
        States: {Ask: {Type: Task, Resource: !GetAtt Function.Arn, End: true}}
"""
CODE = '''\
import asyncio
import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request

import boto3
import urllib3

API = "https://api.example.com"


def get(path, timeout=None):
    return urllib.request.urlopen(API + path, timeout=timeout).read().decode()


def by_http_client():
    connection = http.client.HTTPSConnection("API.example.com")
    connection.request("POST", "/json", json.dumps({"k": "v"}), {"X-A": "b"})
    return connection.getresponse().read().decode()


def in_chunks():
    connection = http.client.HTTPConnection("api.example.com", 8080)
    connection.request("PUT", "/json", iter([b'{"k": ', b'"v"}']), encode_chunked=True)
    return connection.getresponse().read().decode()


async def streams(path, timeout):
    reader, writer = await asyncio.open_connection("api.example.com", 443, ssl=True)
    writer.write(f"GET {path} HTTP/1.1\\r\\nHost: api.example.com\\r\\n\\r\\n".encode())
    text = await asyncio.wait_for(reader.read(), timeout)
    return text.decode().partition("\\r\\n\\r\\n")[2]


async def several():
    return await asyncio.gather(streams("/slow", 20), streams("/json", 20), asyncio.sleep(3, "slept"))


def in_threads():
    found = []
    threads = [threading.Thread(target=lambda: found.append(get("/slow"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def status(path):
    try:
        return get(path)
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode()]


def of_aws():
    return boto3.client("sts").get_caller_identity()["Account"]


CALLS = {
    "urllib": lambda: get("/json"),
    "urllib3": lambda: urllib3.request("GET", API + "/json").json(),
    "http.client": by_http_client,
    "chunks": in_chunks,
    "name": lambda: socket.gethostbyname("api.example.com").startswith("127."),
    "asyncio": lambda: asyncio.run(several()),
    "threads": in_threads,
    "slow": lambda: get("/slow"),
    "too slow": lambda: get("/slow", 2),
    "too slow for asyncio": lambda: asyncio.run(streams("/slow", 2)),
    "never": lambda: get("/never", 4),
    "reset": lambda: get("/reset"),
    "unknown certificate": lambda: urllib.request.urlopen("https://tls.example.com"),
    "no connection": lambda: urllib.request.urlopen("http://refused.example.com"),
    "error": lambda: status("/error"),
    "unanswered": lambda: status("/other"),
    "elsewhere": lambda: urllib.request.urlopen("https://elsewhere.example.com/"),
    "aws": of_aws,
}


def handler(event, context):
    """Make the calls that are asked for; tell what came of each, and how long it took."""
    ends = {}
    for name in event["calls"]:
        began = time.time()
        try:
            found = CALLS[name]()
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        ends[name] = [found, round(time.time() - began, 3)]
    return ends
'''
HOSTS = """\
hosts:
  api.example.com:
    - {path: /json, json: {ok: true}}
    - {path: /slow, body: late, after: 5 s}
    - {path: /never, error: timeout}
    - {path: /reset, error: reset}
    - {path: /error, status: 418, body: teapot}
  tls.example.com: [{error: tls}]
  refused.example.com: [{error: refused}]
"""
JSON = '{"ok": true}'
ENDS: dict[str, tuple[Any, float]] = {
    "urllib": (JSON, 0),
    "urllib3": ({"ok": True}, 0),
    "http.client": (JSON, 0),
    "chunks": (JSON, 0),
    "name": (True, 0),
    "asyncio": (["late", JSON, "slept"], 5),
    "threads": (["late", "late", "late"], 5),
    "slow": ("late", 5),
    "too slow": ("TimeoutError: The read operation timed out", 2),
    "too slow for asyncio": ("TimeoutError: ", 2),
    "never": ("TimeoutError: The read operation timed out", 4),
    "reset": ("", 0),
    "unknown certificate": ("certificate verify failed", 0),
    "no connection": ("Connection refused", 0),
    "error": ([418, "teapot"], 0),
    "unanswered": ([501, "no entry in hosts answers GET api.example.com/other\n"], 0),
    "elsewhere": (
        "elsewhere.example.com:443 is blocked; define its responses in the scenario, hosts: "
        "{elsewhere.example.com: [{status: 200}]}, or allow it with network = ",
        0,
    ),
    "aws": ("123456789012", 0),
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(MotoEngine()) as session:
        yield session


def played(session: Session, folder: Path, scenario: str) -> Result:
    files = {"pyproject.toml": minimal_project.PYPROJECT, "template.yaml": TEMPLATE, "code/app.py": CODE}
    minimal_project.write(folder, files)
    return session.run(parse(scenario, BUILT_IN, folder / "a.yaml"), load_settings(folder, {}))


def output(result: Result) -> dict[str, Any]:
    assert result.observation is not None, result.reason
    (run,) = result.observation.runs
    found: dict[str, Any] = json.loads(run.execution.output or "null")
    return found


def test_functions_reach_hosts(session: Session, tmp_path: Path) -> None:
    scenario = f"title: t\n{HOSTS}run: {{input: {{calls: {json.dumps(list(ENDS))}}}}}\nexpect: {{polls: 0}}\n"
    result = played(session, tmp_path, scenario)
    ends = output(result)
    for name, (wanted, took_s) in ENDS.items():
        found, seconds = ends[name]
        assert seconds == took_s, name
        assert wanted in found if isinstance(wanted, str) else found == wanted, name
    (lost,) = [each for each in result.mismatches if each.expectation == "hosts"]
    assert lost.summary.startswith("api.example.com: no entry matches GET /other; define its response:")
    assert result.observation is not None
    put = [each for each in result.observation.requests if each.method == "PUT"]
    assert [each.body for each in put] == ['{"k": "v"}']


def test_on_the_real_clock_answers_take_real_time(session: Session, tmp_path: Path) -> None:
    hosts = "hosts: {api.example.com: [{path: /json, json: {ok: true}, after: 200 ms}]}"
    run = "run: {clock: real, input: {calls: [urllib, urllib3]}}"
    ends = output(played(session, tmp_path, f"title: t\n{hosts}\n{run}\nexpect: {{polls: 0}}\n"))
    assert ends["urllib"][0] == JSON
    assert all(seconds >= 0.2 for _, seconds in ends.values())


def test_hosts_are_forgotten(session: Session, tmp_path: Path) -> None:
    run = "run: {input: {calls: [urllib]}}"
    ends = output(played(session, tmp_path, f"title: t\n{run}\nexpect: {{polls: 0}}\n"))
    assert "api.example.com:443 is blocked" in ends["urllib"][0]
