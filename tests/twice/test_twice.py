"""`harness run --twice` plays everything two times, and names the first difference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import chance_project
import pytest

SMALL = """\
title: It is different
run: {input: {items: [{n: 1}]}}
expect: {execution: {status: SUCCEEDED}}
"""


def play(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", "run", "--twice", *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_what_is_seeded_is_the_same_twice(tmp_path):
    chance_project.write(tmp_path)
    done = play(tmp_path)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("app", "expected", "reason"),
    [
        (
            "import os\ndef handler(event, context):\n    return {'uuid': 'x', 'process': [os.getpid()]}\n",
            "the result of function Draw, invocation 1 in state Alone differs at process[0]",
            "src/app.py:3: os.getpid() gives the id of the process",
        ),
        (
            "def handler(event, context):\n    print(object())\n    return {'uuid': str(id(event))}\n",
            "the result of function Draw, invocation 1 in state Alone differs at uuid",
            "src/app.py:3: id() gives an address",
        ),
        (
            "from os import urandom\n"
            "def handler(event, context):\n"
            "    with open('/dev/urandom', 'rb') as file: print(file.read(4).hex())\n"
            "    return {'uuid': urandom(3).hex()}\n",
            "the log of function Draw, invocation 1 in state Alone differs",
            "src/app.py:3: /dev/urandom is of this process or computer",
        ),
        (
            "import boto3\nimport os as system\n"
            "def handler(event, context):\n"
            "    boto3.client('sqs').send_message(QueueUrl=system.environ['QUEUE'],\n"
            "                                     MessageBody=str(system.getppid()))\n"
            "    return {'uuid': 'x'}\n",
            "a call of function Draw, invocation 1 in state Alone differs "
            "at [0].sqs:SendMessage.params.MessageBody",
            "src/app.py:5: os.getppid() gives the id of the process",
        ),
    ],
    ids=["result", "address", "log", "call"],
)
def test_a_function_that_is_different_is_named(tmp_path, app, expected, reason):
    scenario = chance_project.write(tmp_path, app, scenario=SMALL)
    done = play(tmp_path, "--json", "-")
    (result,) = json.loads(done.stdout)["results"]
    assert (done.returncode, result["outcome"]) == (1, "failed"), done.stderr
    (mismatch,) = result["mismatches"]
    assert (mismatch["expectation"], mismatch["subject"]) == ("--twice", "function Draw")
    assert expected in mismatch["summary"]
    assert mismatch["expected"] != mismatch["seen"]
    assert reason in mismatch["remedy"]
    assert result["reproduce"].endswith(" --twice")
    assert str(scenario.relative_to(tmp_path)) in result["reproduce"]


def test_what_both_runs_lack_is_told_once(tmp_path):
    wrong = SMALL.replace("SUCCEEDED", "FAILED")
    chance_project.write(tmp_path, "def handler(event, context): return {'uuid': 'x'}", scenario=wrong)
    done = play(tmp_path)
    assert (done.returncode, "another history" in done.stdout) == (1, False), done.stdout


def test_a_scenario_with_the_real_clock_is_played_once_and_that_is_said(tmp_path):
    app = "import os\ndef handler(event, context): return {'uuid': str(os.getpid())}\n"
    chance_project.write(tmp_path, app, scenario=SMALL.replace("run: {", "run: {clock: real, "))
    done = play(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--twice did not play it again" in done.stdout


def test_another_world_has_other_ids(tmp_path):
    chance_project.write(tmp_path, scenario=SMALL)
    seen = []
    for world in ("0", "5", "5"):
        command = [sys.executable, "-m", "harness", "run", "--world", world, "--json", "-"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        document = json.loads(done.stdout)
        del document["real_time"]
        seen.append(document)
    zero, five, again = seen
    assert five == again
    drawn = [
        json.loads(each["results"][0]["observation"]["runs"][0]["execution"]["output"])
        for each in (zero, five)
    ]
    one, other = (each[0] for each in drawn)
    assert {name for name in one["drawn"] if one["drawn"][name] == other["drawn"][name]} == set()
    assert one["told"]["MessageId"] != other["told"]["MessageId"]
    assert one["queued"]["MessageId"] != other["queued"]["MessageId"]


@pytest.mark.parametrize("world", ["-1", "x", "1.5", "99999999999", "٣"])
def test_an_impossible_world_is_refused(tmp_path, world):
    chance_project.write(tmp_path)
    command = [sys.executable, "-m", "harness", "run", f"--world={world}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "world" in done.stderr
    assert "write a whole number from 0 to 999999999" in done.stderr
