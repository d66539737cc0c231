"""A function that prints the session token or a secret: it appears in no report, log or terminal output."""

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


GIVEN_APP = """
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
PASSWORD, KEY = 'of "settings" \u20ac', "of-the-scenario"


def project(folder: Path) -> Path:
    """A project with two templates: a function succeeds and fails with its token and with set secrets."""
    files = {
        "pyproject.toml": f"{PYPROJECT}secrets = {{db = {{password = {json.dumps(PASSWORD)}}}}}\n",
        "template.yaml": TEMPLATE.replace("python3.13", "python3.11"),
        "src/app.py": APP,
        "given/template.yaml": TEMPLATE.replace("python3.13", f"python3.11, {VARIABLES}"),
        "given/src/app.py": GIVEN_APP,
    }
    stack = f"stack: {{template: ../given/template.yaml, secrets: {{key: {KEY}}}}}\nrun:"
    for fails in ("false", "true"):
        scenario = SCENARIO.replace("FAIL", fails)
        files[f"scenarios/shows-{fails}.yaml"] = scenario
        files[f"scenarios/given-{fails}.yaml"] = scenario.replace("run:", stack)
    return write(folder, files)


@pytest.mark.parametrize("command", ["run", "pytest"])
def test_no_report_and_no_screen_shows_the_session_token_or_a_given_secret(
    tmp_path: Path, command: str
) -> None:
    folder = project(tmp_path / "project")
    if command == "run":
        arguments = ["run", "-v", "--json", "r.json", "--junit", "r.xml", "--html", "r.html"]
        with start(*arguments, cwd=folder) as run:
            said, errors = run.communicate(timeout=120)
    else:
        arguments = ["-rA", "--junitxml", "r.xml", "--harness-html", "r.html", "-p", "no:cacheprovider"]
        with start(*arguments, cwd=folder, module="pytest") as run:
            said, errors = run.communicate(timeout=120)
    # its role lacks permissions, which explains everything that happened
    assert run.returncode == 1, said + errors
    tokens = {each[::-1] for each in re.findall("backwards it is ([0-9a-f]{32})", said)}
    assert tokens
    assert said.count(f"the token is {SHOWN}") >= 2
    assert said.count(f"the password is {SHOWN_GIVEN} and {SHOWN_GIVEN}") >= 2
    reports = [file.read_text() for file in folder.iterdir() if file.name.startswith("r.")]
    assert len(reports) == (3 if command == "run" else 2)
    assert (folder / "r.xml").read_text().count("<testcase") == 4
    for file in (each for each in folder.iterdir() if each.name in ("r.json", "r.xml")):
        # pytest's own report contains the output only with junit_logging.
        assert command == "pytest" or SHOWN in file.read_text()
    for told in (said, errors, *reports):
        for form in (
            PASSWORD,
            json.dumps(PASSWORD)[1:-1],
            KEY,
            "settings&quot;",
            "settings&#34;",
            'of \\"settings',
        ):
            assert form not in told
        assert not any(token in told for token in tokens)
    for file in folder.rglob("*"):
        if file.is_file():
            assert not any(token.encode() in file.read_bytes() for token in tokens), file
