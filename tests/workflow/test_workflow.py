"""The Python API: its names, and running workflows and scenarios from code."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import minimal_project
import pytest
import reaching_project
from minimal_project import FORBIDDEN, PUBLISHES

import harness
from harness import HarnessError, Result, Workflow

PROMISED = {
    "Workflow": "(template, *, state_machine, parameters, name, project, engine, world)",
    "run": "(*paths, engine, world)",
    "HarnessError": None,
    "Result": None,
}
OF_WORKFLOW = "clients close outputs physical_id reset run sleep start"
OF_RESULT = (
    "calls cause check error execution executions explanation invocations items messages mismatches "
    "observation outcome output path status title"
)


def members(of: type) -> str:
    return " ".join(sorted(name for name in vars(of) if not name.startswith("_")))


def test_what_is_promised_is_there_and_nothing_else() -> None:
    assert sorted(harness.__all__) == sorted(PROMISED)
    assert set(PROMISED) <= set(dir(harness))
    for name, parameters in PROMISED.items():
        if parameters is not None:
            found = inspect.signature(getattr(harness, name)).parameters.values()
            assert [each.name for each in found if each.kind is not each.VAR_POSITIONAL] == [
                each for each in parameters.strip("()").split(", ") if not each.startswith("*")
            ]
    assert (members(Workflow), members(Result)) == (OF_WORKFLOW, OF_RESULT)
    with pytest.raises(AttributeError, match="module 'harness' has no attribute 'Session'"):
        _ = harness.Session  # type: ignore[attr-defined]


def test_each_of_its_names_is_documented() -> None:
    for name in harness.__all__:
        assert inspect.getdoc(getattr(harness, name)), name
    for of in (Workflow, Result):
        assert [name for name in members(of).split() if not inspect.getdoc(getattr(of, name))] == []


def test_the_package_imports_nothing_before_it_is_asked_for() -> None:
    code = "import harness, sys; print([m for m in sys.modules if m.startswith(('harness.', 'boto'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    files = {"pyproject.toml": "[tool.harness]\n", "template.yaml": PUBLISHES, "forbidden.yaml": FORBIDDEN}
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def workflow(folder: Path) -> Iterator[Workflow]:
    with Workflow("template.yaml", state_machine="Publish", project=folder) as workflow:
        yield workflow


def test_a_workflow_is_run_and_looked_at(workflow: Workflow) -> None:
    workflow.reset()
    workflow.clients.s3.create_bucket(Bucket="attic")
    first = workflow.run({"n": 1})
    assert first.check() is first
    assert (first.title, first.outcome, first.status, first.path) == (
        "run-1",
        "passed",
        "SUCCEEDED",
        ("Send",),
    )
    assert first.output["MessageId"]  # type: ignore[index, call-overload]
    assert [(each.topic, each.body) for each in first.messages] == [("Topic", "hello")]
    assert [call.operation for call in first.calls] == ["Publish"]
    assert (first.error, first.cause, first.explanation, first.mismatches) == (None, None, "", ())
    assert [bucket["Name"] for bucket in workflow.clients.s3.list_buckets()["Buckets"]] == ["attic"]
    (topic,) = workflow.clients.sns.list_topics()["Topics"]
    assert workflow.physical_id("Topic") == topic["TopicArn"]
    begun = first.execution.started_at
    workflow.sleep("1 h")
    second = workflow.run(name="later")
    assert (second.execution.started_at - begun).total_seconds() >= 3600
    assert list(second.executions) == ["later"]
    workflow.reset()
    assert workflow.clients.s3.list_buckets()["Buckets"] == []
    assert workflow.run().title == "run-1"


def test_a_mistake_is_said(workflow: Workflow) -> None:
    workflow.reset()
    done = workflow.run(name="a")
    for mistake, said in (
        (
            lambda: workflow.run(name="a"),
            "a run named 'a' already exists; choose a different name, or omit it",
        ),
        (lambda: workflow.run({1, 2}), "invalid input or timeout_s for a run: "),
        (lambda: workflow.sleep("10 m"), "sleep: unknown unit 'm' in '10 m'"),
        (lambda: workflow.physical_id("Topics"), "resource 'Topics' not found; known: "),
        (lambda: done.items("Orders"), "table 'Orders' not found; tables: none"),
        (lambda: harness.run("nowhere.yaml"), "nowhere.yaml:1:1: file or folder not found"),
        (lambda: Workflow(engine="paper"), "paper"),
    ):
        with pytest.raises(HarnessError, match="^.*" + said.replace("(", r"\(")):
            mistake()


def test_what_aws_would_refuse_fails_the_check_at_its_line(workflow: Workflow, folder: Path) -> None:
    with Workflow(folder / "forbidden.yaml", state_machine="Publish", project=folder) as forbidden:
        result = forbidden.run()
    assert (result.outcome, result.status) == ("failed", "SUCCEEDED")
    with pytest.raises(AssertionError, match=r"forbidden\.yaml:\d+: permissions: AWS would refuse this"):
        result.check()


def test_functions_reach_what_the_network_of_the_settings_has(tmp_path: Path) -> None:
    with reaching_project.project(tmp_path) as (port, another), Workflow(project=tmp_path) as workflow:
        reached, refused = workflow.run({"port": port}), workflow.run({"port": another})
    assert (reached.status, reached.output) == ("SUCCEEDED", "connected")
    assert (refused.status, refused.error) == ("FAILED", "ConnectionRefusedError")


def test_scenarios_are_played(folder: Path) -> None:
    (folder / "scenarios").mkdir(exist_ok=True)
    table = f'{minimal_project.PYPROJECT}state_machine = "Publish"\n'
    (folder / "pyproject.toml").write_text(table)
    (folder / "scenarios" / "a.yaml").write_text(minimal_project.scenario())
    (folder / "scenarios" / "b.yaml").write_text("title: It fails\nexpect: {execution: {status: FAILED}}\n")
    good, bad = harness.run(folder / "scenarios")
    assert (good.outcome, bad.outcome, bad.title) == ("passed", "failed", "It fails")
    assert "b.yaml:2: execution: expected FAILED, seen SUCCEEDED" in bad.explanation
    assert bad.mismatches[0].expectation == "execution"
