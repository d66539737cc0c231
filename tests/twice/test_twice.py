"""`harness run --twice` runs everything twice, and reports the first difference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import chance_project
import pytest

from harness.cli import main
from harness.exit_codes import WRONG

SMALL = """\
title: It is different
run: {input: {items: [{n: 1}]}}
expect: {execution: {status: SUCCEEDED}}
"""


class Chance(NamedTuple):
    """A function that is different each time, the difference, and the reason that its code has."""

    app: str
    difference: str
    reason: str


CHANCES = {
    "result": Chance(
        "import os\ndef handler(event, context):\n    return {'uuid': 'x', 'process': [os.getpid()]}\n",
        "the result of function Draw, invocation 1 in state Alone differs at process[0]",
        "src/app.py:3: os.getpid() returns the process ID",
    ),
    "address": Chance(
        "def handler(event, context):\n    print(object())\n    return {'uuid': str(id(event))}\n",
        "the result of function Draw, invocation 1 in state Alone differs at uuid",
        "src/app.py:3: id() returns an address",
    ),
    "log": Chance(
        "from os import urandom\n"
        "def handler(event, context):\n"
        "    with open('/dev/urandom', 'rb') as file: print(file.read(4).hex())\n"
        "    return {'uuid': urandom(3).hex()}\n",
        "the log of function Draw, invocation 1 in state Alone differs",
        "src/app.py:3: /dev/urandom depends on this process or computer",
    ),
    "call": Chance(
        "import boto3\nimport os as system\n"
        "def handler(event, context):\n"
        "    boto3.client('sqs').send_message(QueueUrl=system.environ['QUEUE'],\n"
        "                                     MessageBody=str(system.getppid()))\n"
        "    return {'uuid': 'x'}\n",
        "a call of function Draw, invocation 1 in state Alone differs "
        "at [0].sqs:SendMessage.params.MessageBody",
        "src/app.py:5: os.getppid() returns the process ID",
    ),
}


def play(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", "run", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_functions_that_are_different_are_named(tmp_path: Path) -> None:
    # One run plays them all, as starting its engines takes longer than all of the scenarios.
    apps = {name: chance.app for name, chance in CHANCES.items()}
    apps["both"] = "def handler(event, context): return {'uuid': 'x'}"
    apps["real"] = apps["result"]
    scenarios = {
        "both": SMALL.replace("SUCCEEDED", "FAILED"),
        "real": SMALL.replace("{in", "{clock: real, in"),
    }
    paths = {
        name: str(
            chance_project.write(tmp_path / name, app, scenario=scenarios.get(name, SMALL)).relative_to(
                tmp_path
            )
        )
        for name, app in apps.items()
    }
    done = play(tmp_path, "--twice", "--json", "-", *paths.values())
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    results: dict[str, Any] = {result["file"]: result for result in document["results"]}
    for name, chance in CHANCES.items():
        result = results[paths[name]]
        (mismatch,) = result["mismatches"]
        assert result["outcome"] == "failed", name
        assert (mismatch["expectation"], mismatch["subject"]) == ("--twice", "function Draw")
        assert chance.difference in mismatch["summary"], name
        assert mismatch["expected"] != mismatch["seen"], name
        assert chance.reason in mismatch["remedy"], name
        assert result["reproduce"].endswith(" --twice")
        assert paths[name] in result["reproduce"]
    wrong = results[paths["both"]]
    told = [mismatch["summary"] for mismatch in wrong["mismatches"]]
    assert (wrong["outcome"], len(told), "in the second run" in told[0]) == ("failed", 1, False), "told once"
    assert results[paths["real"]]["outcome"] == "passed", "it has the real clock, so that it is played once"
    assert done.stderr.count("--twice did not run it again") == 1


@pytest.mark.thorough
def test_what_is_seeded_is_the_same_twice_and_another_world_has_other_ids(tmp_path: Path) -> None:
    chance_project.write(tmp_path, scenario=chance_project.SCENARIO)
    seen = []
    for options in (("--world", "0", "--twice"), ("--world", "5"), ("--world", "5")):
        done = play(tmp_path, "--json", "-", *options)
        assert (done.returncode, "1 passed" in done.stderr) == (0, True), done.stdout + done.stderr
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


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("world", ["-1", "x", "1.5", "99999999999", "٣"])
def test_an_impossible_world_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: str
) -> None:
    chance_project.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", f"--world={world}"]) == WRONG
    said = capsys.readouterr().err
    assert "world" in said
    assert "write a whole number from 0 to 999999999" in said
