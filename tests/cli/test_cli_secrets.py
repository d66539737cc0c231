"""A function that shows the session token or a secret: no report, log or screen does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from minimal_project import PYPROJECT, write
from processes import start
from working_project import TEMPLATE

from harness.hidden import SHOWN, SHOWN_GIVEN

APP = """
import os


def handler(event, context):
    token = os.environ["AWS_SESSION_TOKEN"]
    print("the token is", token)
    print("backwards it is", token[::-1])
    if event.get("fail"):
        raise ValueError("the token is " + token)
    return {"token": token, "url": "http://127.0.0.1/b/k?X-Amz-Security-Token=" + token}
"""
SCENARIO = """\
title: The token is shown
run: {input: {fail: FAIL}}
expect: {execution: {status: SUCCEEDED}}
"""


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("command", ["run", "pytest"])
def test_no_report_and_no_screen_shows_the_session_token(tmp_path: Path, command: str, fails: bool) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": TEMPLATE.replace("python3.13", "python3.11"),
        "src/app.py": APP,
        "scenarios/shows.yaml": SCENARIO.replace("FAIL", json.dumps(fails)),
    }
    write(folder, files)
    if command == "run":
        arguments = ["run", "-v", "--json", "r.json", "--junit", "r.xml", "--html", "r.html"]
        with start(*arguments, cwd=folder) as run:
            said, errors = run.communicate(timeout=120)
    else:
        arguments = ["-rA", "--junitxml", "r.xml", "--harness-html", "r.html", "-p", "no:cacheprovider"]
        with start(*arguments, cwd=folder, module="pytest") as run:
            said, errors = run.communicate(timeout=120)
    assert run.returncode == 1, said + errors  # its role lacks permissions, which explains all that happened
    backwards = re.search("backwards it is ([0-9a-f]{32})", said)
    assert backwards is not None
    token = backwards[1][::-1]
    assert token not in said + errors
    assert f"the token is {SHOWN}" in said
    reports = [file for file in folder.iterdir() if file.name.startswith("r.")]
    assert len(reports) == (3 if command == "run" else 2)
    for report in reports:
        # pytest's own has what was printed only with junit_logging.
        assert (report.suffix == ".xml" and command == "pytest") or SHOWN in report.read_text()
    for file in folder.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file


GIVEN = """
import os


def handler(event, context):
    print("the password is", os.environ["PASSWORD"], "and", os.environ["KEY"])
    if event.get("fail"):
        raise ValueError(os.environ["PASSWORD"])
    return {"password": os.environ["PASSWORD"], "key": os.environ["KEY"]}
"""
VARIABLES = (
    'Environment: {Variables: {PASSWORD: "{{resolve:secretsmanager:db:SecretString:password}}", '
    'KEY: "{{resolve:secretsmanager:key}}"}}'
)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("command", ["run", "pytest"])
def test_no_report_and_no_screen_shows_a_given_secret(tmp_path: Path, command: str, fails: bool) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    password, key = 'of "settings" \u20ac', "of-the-scenario"
    scenario = SCENARIO.replace("FAIL", json.dumps(fails))
    files = {
        "pyproject.toml": f"{PYPROJECT}secrets = {{db = {{password = {json.dumps(password)}}}}}\n",
        "template.yaml": TEMPLATE.replace("python3.13", f"python3.11, {VARIABLES}"),
        "src/app.py": GIVEN,
        "scenarios/shows.yaml": scenario.replace("run:", f"stack: {{secrets: {{key: {key}}}}}\nrun:"),
    }
    write(folder, files)
    if command == "run":
        arguments = ["run", "-v", "--json", "r.json", "--junit", "r.xml", "--html", "r.html"]
        with start(*arguments, cwd=folder) as run:
            said, errors = run.communicate(timeout=120)
    else:
        arguments = ["-rA", "--junitxml", "r.xml", "--harness-html", "r.html", "-p", "no:cacheprovider"]
        with start(*arguments, cwd=folder, module="pytest") as run:
            said, errors = run.communicate(timeout=120)
    assert run.returncode == 1, said + errors
    assert f"the password is {SHOWN_GIVEN} and {SHOWN_GIVEN}" in said
    reports = [file.read_text() for file in folder.iterdir() if file.name.startswith("r.")]
    assert len(reports) == (3 if command == "run" else 2)
    for told in (said, errors, *reports):
        for form in (
            password,
            json.dumps(password)[1:-1],
            key,
            "settings&quot;",
            "settings&#34;",
            'of \\"settings',
        ):
            assert form not in told
