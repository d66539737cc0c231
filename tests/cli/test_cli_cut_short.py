"""A run that is interrupted, or loses its emulator, while a function runs: its output and its leftovers."""

from __future__ import annotations

import json
import os
import re
import signal
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from minimal_project import write
from processes import child, children, start, supervisor_of
from working_project import APP, ENDS, FIRST, SCENARIO, begin, nothing_stays, works, write_project

from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.install import VERSIONS
from harness.engine.ministack.engine import MiniStack
from harness.polling import poll

LOCAL = [
    pytest.param("moto", "harness.engine.moto", id="moto"),
    pytest.param("localstack-host", "harness_localstack", id="localstack", marks=pytest.mark.localstack),
    pytest.param("ministack", "harness.engine.ministack", id="ministack", marks=pytest.mark.ministack),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose function runs for minutes."""
    return write_project(tmp_path)


def usable(engine: str) -> None:
    """Skip the test if the engine is not installed."""
    kinds = {"localstack-host": lambda: LocalStackHost(VERSIONS[0]), "ministack": MiniStack}
    if engine in kinds and not (found := kinds[engine]().availability()).usable:
        pytest.skip(f"{engine}: {found.detail}; {found.remedy}")


@pytest.mark.parametrize(("engine", "module"), LOCAL)
def test_an_emulator_that_is_killed_is_said(project: Path, engine: str, module: str) -> None:
    usable(engine)
    with begin(project, engine) as run:
        started = children(run.pid)
        os.kill(child(run.pid, module), signal.SIGKILL)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == 3, said + errors
    assert "ERROR  works.yaml  A function works" in said
    assert "the engine broke down: " in said
    assert "ended with signal 9" in said
    assert "Traceback" not in said + errors
    nothing_stays(project, started)


@pytest.mark.parametrize(("engine", "module"), LOCAL)
@pytest.mark.parametrize(("how", "status"), ENDS)
def test_a_run_that_is_ended_leaves_nothing(
    project: Path, engine: str, module: str, how: signal.Signals, status: int
) -> None:
    usable(engine)
    with begin(project, engine) as run:
        started = children(run.pid)
        assert child(run.pid, module) in started
        run.send_signal(how)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == status, said + errors
    assert "Traceback" not in said + errors
    nothing_stays(project, started)


def test_a_run_that_is_cut_short_names_what_did_not_run(project: Path) -> None:
    write(project, {"scenarios/a-first.yaml": FIRST, "scenarios/z-last.yaml": SCENARIO})
    reports = ("--json", str(project / "r.json"), "--junit", str(project / "r.xml"))
    with begin(project, "moto", *reports) as run:
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        assert [run.stderr.readline() for _ in range(2)] == ["\n", "stopping ...\n"]
        said, errors = run.communicate(timeout=60)
    assert (run.returncode, errors) == (130, "stopped\n")
    left = "  scenarios/works.yaml (was running)\n  scenarios/z-last.yaml\n"
    assert f"\nNot run, because the run stopped early\n{left}\n1 passed, 2 not run in " in said
    document = json.loads((project / "r.json").read_text())
    assert [each["file"] for each in document["not_run"]] == ["scenarios/works.yaml", "scenarios/z-last.yaml"]
    assert document["summary"]["not_run"] == 2
    assert {each["reason"] for each in document["not_run"]} == {"the run was stopped by Ctrl-C"}
    cases = ET.parse(project / "r.xml").getroot().findall("testsuite/testcase")
    assert [(c.get("file"), c.find("error") is not None) for c in cases] == [
        ("scenarios/a-first.yaml", False),
        ("scenarios/works.yaml", True),
        ("scenarios/z-last.yaml", True),
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["0", "1"])
def test_pytests_own_junit_names_what_did_not_run(project: Path, workers: str) -> None:
    write(project, {"scenarios/a-first.yaml": FIRST, "scenarios/z-last.yaml": SCENARIO})
    arguments = ("-p", "no:cacheprovider", "-n", workers, "--junitxml", "r.xml", "scenarios")
    with start(*arguments, cwd=project, module="pytest", TMPDIR=str(project / "tmp")) as run:
        poll(lambda: works(run.pid), bool, what="the function", timeout_s=120)
        run.send_signal(signal.SIGINT)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == 2, said + errors
    cases = ET.parse(project / "r.xml").getroot().findall("testsuite/testcase")
    assert [(case.get("name"), case.find("error") is not None) for case in cases] == [
        ("Nothing is started that works", False),
        ("A function works", True),
        ("A function works", True),
    ]
    assert "not run: the session was interrupted" in (project / "r.xml").read_text()


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)])
def test_a_dead_supervisor_is_one_sentence(project: Path, how: signal.Signals) -> None:
    reports = ("--json", str(project / "r.json"))
    with begin(project, "moto", *reports) as run:
        started = children(run.pid)
        engine = child(run.pid, "harness.engine.moto")
        os.kill(supervisor_of(engine), how)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == 3, said + errors
    assert re.search(
        r"the function supervisor for Python 3\.\d+ \(process \d+\) was terminated by signal", said
    )
    assert "Traceback" not in said + errors
    (result,) = json.loads((project / "r.json").read_text())["results"]
    assert result["outcome"] == "error"
    assert "\n" not in result["reason"]
    nothing_stays(project, started)


def test_an_engine_that_does_not_start_leaves_reports_that_name_all(project: Path, unused_url: str) -> None:
    options = ("--engine", "localstack-running", "--json", "r.json", "--junit", "r.xml")
    with start("run", *options, cwd=project, AWS_ENDPOINT_URL=unused_url) as run:
        said, errors = run.communicate(timeout=60)
    assert run.returncode == 3, said + errors
    (left,) = json.loads((project / "r.json").read_text())["not_run"]
    assert left["file"] == "scenarios/works.yaml"
    assert left["reason"].startswith("the engine cannot run: ")
    (case,) = ET.parse(project / "r.xml").getroot().findall("testsuite/testcase")
    error = case.find("error")
    assert error is not None
    assert str(error.get("message")).startswith("not run: the engine cannot run: ")


@pytest.fixture
def docker_things(docker_client: Any, our_containers: Callable[[], Any]) -> Callable[[], Any]:
    """The containers, volumes and networks on this machine. Networks are listed only with our label."""

    def things() -> Any:
        kept = {v.id for v in docker_client.volumes.list()} | {n.id for n in docker_client.networks.list()}
        return our_containers(), kept

    return things


@pytest.mark.docker
@pytest.mark.parametrize(("how", "status"), [("container", 3), *ENDS])
def test_a_container_goes_with_its_run(
    project: Path, docker_things: Callable[[], Any], how: Any, status: int
) -> None:
    before, kept = docker_things()
    assert not before

    def works(_: int) -> bool:
        ours, _ = docker_things()
        # In the sandbox, a function's /tmp is a separate folder.
        found = [c.exec_run("find /tmp -name works") for c in ours if c.status == "running"]
        return any(each.output for each in found)

    (project / "src" / "app.py").write_text(APP.replace("MARK", 'open("/tmp/works", "w").close()'))
    with begin(project, "localstack-docker", works=works) as run:
        started = children(run.pid)
        ((container,), _) = docker_things()
        if how == "container":
            container.kill()
        else:
            run.send_signal(how)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == status, said + errors
    assert "Traceback" not in said + errors
    if how == "container":
        assert "the container exited with status 137" in said
    nothing_stays(project, started)
    poll(docker_things, lambda seen: seen == ([], kept), what="end of the container", timeout_s=20)
