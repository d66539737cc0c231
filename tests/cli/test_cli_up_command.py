"""`harness up -- COMMAND`, `harness up --port` and `harness run --keep-failed`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import minimal_project
import pytest
from minimal_project import scenario

from harness.cli import main, run, up
from harness.cli.up import OUTPUTS
from harness.engine.child import reserve_port
from harness.exit_codes import FAILED, WRONG

LOOK = """
import boto3, json, os, sys
(machine,) = boto3.client("stepfunctions").list_state_machines()["stateMachines"]
seen = [machine["name"], os.environ["AWS_ENDPOINT_URL"], json.loads(os.environ["HARNESS_OUTPUTS"])]
print(json.dumps([*seen, [name for name in os.environ if "PROFILE" in name]]))
sys.exit(7)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return minimal_project.project(
        tmp_path, a=scenario("One"), b=scenario("Two", "FAILED"), c=scenario("Three")
    )


def test_a_command_gets_the_engine_and_its_exit_code_is_given(project, monkeypatch, capfd):
    (project / "look.py").write_text(LOOK)
    template = project / "template.yaml"
    template.write_text(f"{template.read_text()}Outputs: {{Which: {{Value: !GetAtt Machine.Name}}}}\n")
    monkeypatch.setenv("AWS_PROFILE", "production")
    port = reserve_port()
    code = main(["up", "scenarios/a.yaml", "--port", str(port), "--", sys.executable, "look.py"])
    said = capfd.readouterr()
    name, url, outputs, profiles = json.loads(said.out)
    assert (code, outputs, profiles) == (7, {"Which": name}, [])
    assert url == f"http://127.0.0.1:{port}"
    assert OUTPUTS == "HARNESS_OUTPUTS"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.usefixtures("project")
def test_a_command_that_a_signal_ends_is_128_and_its_number():
    assert main(["up", "--", "sh", "-c", "kill -KILL $$"]) == 137


@pytest.mark.usefixtures("project", "nothing_starts")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--"], "--: a command is missing; add one, for example: harness up -- pytest"),
        (["--", "no-such-command"], "-- no-such-command: command not found; correct its name"),
        (
            ["--engine", "localstack", "--port", "4566"],
            "--port: localstack selects its own port",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(arguments, said, capsys):
    assert main(["up", *arguments]) == WRONG
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("project", "nothing_starts")
def test_a_port_that_is_in_use_is_refused_before_anything_starts(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["up", "--port", str(port)]) == WRONG
    assert f"--port {port}: Address already in use; use another port, or omit it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--port", "0"], "invalid port '0': must be a number from 1 to 65535"),
        (["up", "--json", "--", "true"], "--json prints how to connect to the engine"),
        (["run", "--keep-failed", "-n", "2"], "--keep-failed leaves one engine running, but -n 2 starts 2"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_the_engine_of_the_first_failure_is_kept(monkeypatch, capsys):
    seen, reports = [], []

    def look(_engine):
        said = capsys.readouterr()
        reports.append(json.loads(said.out))  # nothing else exists
        out = said.err
        given = dict(re.findall(r"^export (\w+)=(.*)$", out, re.MULTILINE))
        session = boto3.session.Session("test", "test", given["AWS_SESSION_TOKEN"], given["AWS_REGION"])
        client = session.client("stepfunctions", endpoint_url=given["AWS_ENDPOINT_URL"])
        arn = out.split("--execution-arn ")[-1].strip()
        seen.append(client.get_execution_history(executionArn=arn)["events"][-1]["type"])

    monkeypatch.setattr(run, "stay_with", look)
    assert main(["run", "--keep-failed", "--json", "-"]) == FAILED
    assert seen == ["ExecutionSucceeded"]
    assert capsys.readouterr().out == ""
    assert [each["file"] for each in reports[0]["not_run"]] == ["scenarios/c.yaml"]
    assert main(["run", "--keep-failed", "scenarios/a.yaml"]) == 0
    assert len(seen) == 1


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        (up, "say_notes", ["up", "--no-page"]),
        (run, "one_line", ["run", "--keep", "--json", "-", "scenarios/a.yaml"]),
    ],
)
def test_ctrl_c_ends_it_as_soon_as_it_says_how_to_connect(monkeypatch, capsys, module, name, arguments):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, name, interrupted)
    assert main(arguments) == 0
    assert "export AWS_ENDPOINT_URL=" in "".join(capsys.readouterr())


def test_ctrl_c_ends_the_command_and_the_engine(project):
    command = [
        sys.executable,
        "-m",
        "harness",
        "up",
        "--",
        "sh",
        "-c",
        "trap 'exit 9' INT; echo ready; read x",
    ]
    with subprocess.Popen(
        command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 130
