"""A run is repeated from its bundle alone, isolated, and differences are reported."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from minimal_project import write
from processes import start

from harness.bundle import isolated
from harness.bundle.manifest import MANIFEST, Manifest
from harness.bundle.opening import opened
from harness.bundle.packing import Entry, packed
from harness.cli import main
from harness.engine import isolation
from harness.engine.base import Availability, EngineError

PLANTED = {
    "HOME": "planted-user",
    "AWS_SECRET_ACCESS_KEY": "PlantedKeyOfTheEnvironment1234567890abcd",
    "CI_JOB_TOKEN": "planted-token-of-the-job",
}
TEMPLATE = """\
Parameters:
  ApiKey: {Type: String, NoEcho: true, Default: planted-default-1}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: invoke
          PolicyDocument:
            Statement: {Effect: Allow, Action: ["lambda:InvokeFunction", "logs:*"], Resource: "*"}
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Code: src
      Handler: app.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
      Environment: {Variables: {API_KEY: !Ref ApiKey}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "${Work.Arn}", "End": true}}}
"""
APP = """\
import os, random, uuid

def handler(event, context):
    print(os.environ["API_KEY"], uuid.uuid4())
    if event.get("fails"):
        raise ValueError(f"the key {os.environ['API_KEY']} is not taken, {random.random()}")
    return {"n": 1}
"""
CHECKOUT = Path(__file__).parents[2]
"""Its files exist on every machine. A run sees only the package."""
OWN = """\
import os
import socket
from harness.expect import Count, PerRun
from .beside import SEEN

def reached():
    files = ["/root/.ssh", "/etc/shadow", "/etc/hostname", "/var/run", "CHECKOUT/README.md", "CHECKOUT/tests"]
    for path in files:
        if os.path.exists(path):
            yield path
    for name in os.environ:
        if name not in SEEN:
            yield name
    try:
        socket.create_connection(("192.0.2.1", 443), 1)
    except OSError as error:
        if error.errno != 101:  # the network is unreachable
            yield str(error)
    try:
        open("/bundle/project/new", "w")
        yield "a file"
    except OSError:
        pass

def compare(wanted, run, observation, entry):
    if os.path.exists("/bundle") and (found := list(reached())):
        yield entry.mismatch(f"reached: {found}")
    if (seen := len(run.execution.path)) not in wanted:
        yield entry.mismatch(f"expected {wanted}, seen {seen}")

EXPECTATIONS = (
    PerRun(key="states", wanted=Count, description="How many states were entered.", compare=compare),
)
""".replace("CHECKOUT", str(CHECKOUT))
BESIDE = """\
SEEN = "COLUMNS HOME LANG LC_CTYPE PATH PYTHONPATH PYTHONUNBUFFERED TMPDIR XDG_CACHE_HOME".split()
"""
SETTINGS = """\
[project]
name = "shop"
[tool.other]
password = "planted-password-of-another-tool"
[tool.harness]
template = "template.yaml"
expectations = "own.py"
lint = false
parameters = {ApiKey = "planted-Key-of-settings-2"}
secrets = {"prod/db" = {password = "planted!of-the-\\"base\\""}}
"""
FAILS = """\
title: The key is taken
run: {input: {fails: true}}
expect:
  execution: {status: SUCCEEDED}
  states: 2
"""
WORKS = "title: It works\nexpect: {execution: {status: SUCCEEDED}, states: 1}\n"
HERE = isolation.state()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The bundle of two scenarios whose project no longer exists, and the output of their run."""
    folder = tmp_path_factory.mktemp("bundles")
    home = folder / PLANTED["HOME"]
    files = {"template.yaml": TEMPLATE, "src/app.py": APP, "own.py": OWN}
    files |= {"beside.py": BESIDE, "pyproject.toml": SETTINGS, "unread.py": "planted = 1\n"}
    files |= {
        "scenarios/fails.yaml": FAILS,
        "scenarios/works.yaml": WORKS,
        "scenarios/no.yaml": "planted: 1\n",
    }
    project = write(home / "shop", files)
    file = folder / "out.zip"
    with start("run", "--bundle", str(file), cwd=project, **{**PLANTED, "HOME": str(home)}) as run:
        out, said = run.communicate()
    assert run.returncode == 1, (out, said)
    shutil.rmtree(home)
    return file, said


def contents(file: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        yield from ((name, archive.read(name)) for name in archive.namelist())


def test_nothing_of_the_user_is_in_it(written: tuple[Path, str]) -> None:
    file, said = written
    found = [name for name, content in contents(file) if b"planted" in content.lower()]
    assert found == []
    names = [name for name, _ in contents(file) if name.startswith("project/")]
    assert names == [
        "project/beside.py",
        "project/own.py",
        "project/pyproject.toml",
        "project/scenarios/fails.yaml",
        "project/scenarios/works.yaml",
        "project/src/app.py",
        "project/template.yaml",
    ]
    assert (
        "bundle: replaced with different text in the same format: parameter ApiKey, secret prod/db\n" in said
    )


@pytest.mark.skipif(not HERE.usable, reason=HERE.detail)
def test_it_is_played_without_the_project(written: tuple[Path, str], tmp_path: Path) -> None:
    file, _ = written
    options = ("--json", "report.json")
    with start("run", str(file), *options, cwd=tmp_path, HOME=str(tmp_path)) as run:
        out, said = run.communicate()
    assert run.returncode == 1, (out, said)
    assert "scenarios/fails.yaml:5: states: expected 2, seen 1" in out
    assert "reached" not in out
    assert out.endswith("same histories as in the bundle, bit for bit: 2 scenarios\n")
    assert "other versions" not in said
    report = json.loads((tmp_path / "report.json").read_text())
    assert [each["outcome"] for each in report["results"]] == ["failed", "passed"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json"]


@pytest.mark.thorough
@pytest.mark.skipif(not HERE.usable, reason=HERE.detail)
def test_other_histories_and_other_versions_are_named(written: tuple[Path, str], tmp_path: Path) -> None:
    entries = dict(contents(written[0]))
    manifest = Manifest.read(entries.pop(MANIFEST))
    record = "results/002-works.json"
    entries[record] = entries[record].replace(b'{\\"n\\": 1}', b'{\\"n\\": 2}')
    digest = hashlib.sha256(entries[record]).hexdigest()
    files = {**manifest.files, record: manifest.files[record].model_copy(update={"sha256": digest})}
    kept = (manifest.scenarios[1],)
    versions = {**manifest.versions, "moto": "5.2.4"}
    changed = manifest.model_copy(update={"files": files, "scenarios": kept, "versions": versions})
    content = {name: Entry(each) for name, each in {**entries, MANIFEST: changed.written()}.items()}
    (tmp_path / "out.zip").write_bytes(packed(content))
    with opened(tmp_path / "out.zip"):
        pass
    with start("run", "out.zip", cwd=tmp_path, HOME=str(tmp_path)) as run:
        out, said = run.communicate()
    assert run.returncode == 5, (out, said)
    assert "\n  moto: 5.2.4 in the bundle, " in said
    assert out.endswith(
        "different histories: scenarios/works.yaml: the result of function Work, invocation 1, differs at n\n"
        "  in the bundle: 2\n"
        "  here:          1\n"
    )


def test_without_isolation_nothing_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "state", lambda: Availability(False, "they are forbidden", "allow them"))
    with pytest.raises(EngineError, match=r"only in isolation, .* they are forbidden; allow them"):
        isolated.check()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.zip", "scenarios"], "x.zip: a bundle must be run alone; omit scenarios"),
        (
            ["x.zip", "--world", "2"],
            "x.zip: a bundle runs with the options it was written with; omit --world",
        ),
        (["x.zip", "-n", "2"], "x.zip: a bundle runs with the options it was written with; omit -n"),
        (["x.zip", "--cov"], "x.zip: a bundle runs with the options it was written with; omit --cov"),
        (["x.zip"], "x.zip: cannot be read (No such file or directory)"),
        (
            ["--bundle", "out.zip", "--engine", "ministack"],
            "runs on the engine ministack are never identical",
        ),
    ],
)
def test_what_does_not_go_with_a_bundle(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(
        write(tmp_path, {"template.yaml": TEMPLATE, "scenarios/a.yaml": WORKS.replace(", states: 1", "")})
    )
    write(tmp_path, {"pyproject.toml": '[tool.harness]\ntemplate = "template.yaml"\n', "src/app.py": APP})
    assert main(["run", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.zip").exists()


def test_functions_that_reach_others_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = '[tool.harness]\ntemplate = "template.yaml"\nnetwork = ["example.com:443"]\n'
    scenario = WORKS.replace(", states: 1", "")
    monkeypatch.chdir(write(tmp_path, {"pyproject.toml": settings, "scenarios/a.yaml": scenario}))
    write(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": APP})
    assert main(["run", "--bundle", "out.zip"]) == 2
    assert "define their responses under hosts: in the scenario" in capsys.readouterr().err
