"""`harness run -n N` prints and leaves behind the same as a run in one process."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
from minimal_project import write
from processes import child, children, start, workers
from working_project import ENDS, FIRST, SCENARIO, begin, nothing_stays, works, write_project

from harness.exit_codes import FAILED, NO_ENGINE, WRONG
from harness.polling import poll

FAILS = """\
title: It should have failed
stack: {template: ../first.yaml}
expect: {execution: {status: FAILED}}
"""
REFUSED = """\
title: AWS refuses its template
stack: {template: ../refused.yaml}
expect: {execution: {status: SUCCEEDED}}
"""
TIMES = re.compile(r' +\d+\.\d+ s|(?<=time=")[\d.]+|(?<=_s" value=")[\d.]+')


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose first scenario runs for minutes; more scenarios follow."""
    write_project(tmp_path)
    more = {"scenarios/x.yaml": FIRST, "scenarios/y.yaml": FAILS, "scenarios/z.yaml": FIRST}
    return write(tmp_path, more)


@pytest.fixture
def quick(project: Path) -> Path:
    """The same project without the slow scenario, and with more of the others."""
    (project / "scenarios" / "works.yaml").unlink()
    return write(project, {"scenarios/a.yaml": FIRST, "scenarios/b.yaml": FAILS, "scenarios/c.yaml": FIRST})


def play(project: Path, number: str, *more: str, **variables: str) -> tuple[int, str, str, str, str, str]:
    """Status, stdout, stderr and reports for a run, without values that depend on the real clock."""
    files = ("--json", "r.json", "--junit", "r.xml", "--html", "r.html")
    variables["TMPDIR"] = str(project / "tmp")
    with start("run", "-n", number, *files, *more, cwd=project, **variables) as run:
        said, errors = run.communicate(timeout=120)
    nothing_stays(project, set())
    document = json.loads((project / "r.json").read_text())
    assert len(document.pop("real_time")) == len(document["results"])
    xml = TIMES.sub("", (project / "r.xml").read_text())
    html = TIMES.sub("", (project / "r.html").read_text())
    return run.returncode, TIMES.sub("", said), errors, json.dumps(document), xml, html


OPTIONS = [("-v", "--iam-report"), ("--twice",)]


@pytest.mark.parametrize("more", [(), *(pytest.param(each, marks=pytest.mark.thorough) for each in OPTIONS)])
def test_results_and_their_order_are_those_of_one_process(quick: Path, more: tuple[str, ...]) -> None:
    alone = play(quick, "1", *more)
    assert alone[0] == FAILED
    assert [line.split()[:2] for line in alone[1].splitlines() if line.startswith(("PASS", "FAIL  "))][
        :6
    ] == [
        [word, f"{name}.yaml"]
        for word, name in zip(("PASS", "FAIL", "PASS") * 2, ("a", "b", "c", "x", "y", "z"), strict=True)
    ]
    for number in ("2", "4") if more else ("2",):
        assert play(quick, number, *more) == alone


@pytest.mark.thorough
def test_a_refused_template_ends_the_run_at_its_place(quick: Path) -> None:
    template = (quick / "first.yaml").read_text().replace("RoleArn", "StateMachineType: ODD\n      RoleArn")
    write(quick, {"scenarios/m.yaml": REFUSED, "refused.yaml": template})
    caches = [str(quick / f"cache-{number}") for number in (1, 3)]
    alone = play(quick, "1", XDG_CACHE_HOME=caches[0])  # if nothing is known about it
    assert alone[0] == WRONG
    assert len(json.loads(alone[3])["not_run"]) == 4
    assert play(quick, "3", XDG_CACHE_HOME=caches[1]) == alone


def test_the_process_that_is_killed_loses_its_scenario_only(project: Path) -> None:
    with begin(project, "moto", "-n", "2", "--json", "r.json") as run:
        started = children(run.pid)
        (struck,) = (pid for pid in workers(run.pid) if works(pid))
        os.kill(struck, signal.SIGKILL)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == NO_ENGINE, said + errors
    assert [line.split()[0] for line in said.splitlines()[:4]] == ["ERROR", "PASS", "FAIL", "PASS"]
    assert errors == ""
    first, *others = json.loads((project / "r.json").read_text())["results"]
    assert first["reason"] == (
        f"the engine crashed: the process that ran the scenario (process {struck}) "
        "ended with signal 9 (SIGKILL)"
    )
    assert [each["outcome"] for each in others] == ["passed", "failed", "passed"]
    nothing_stays(project, started)


@pytest.mark.thorough
def test_an_engine_that_is_killed_is_said_as_by_one_process(project: Path) -> None:
    said = {}
    for number in ("1", "2"):
        with begin(project, "moto", "-n", number) as run:
            started = children(run.pid)
            (struck,) = (pid for pid in workers(run.pid) if works(pid)) if number == "2" else (run.pid,)
            os.kill(child(struck, "harness.engine.moto"), signal.SIGKILL)
            output, errors = run.communicate(timeout=60)
        said[number] = (run.returncode, TIMES.sub("", output), errors)
        nothing_stays(project, started)
    assert said["1"][0] == NO_ENGINE
    assert said["2"] == said["1"]


@pytest.mark.thorough
@pytest.mark.parametrize(("how", "status"), ENDS)
def test_a_run_that_is_ended_leaves_nothing(project: Path, how: signal.Signals, status: int) -> None:
    write(project, {"scenarios/worked.yaml": SCENARIO})
    with begin(project, "moto", "-n", "2", "--json", "r.json") as run:
        poll(lambda: [works(pid) for pid in workers(run.pid)], all, what="both to work", timeout_s=60)
        started = children(run.pid)
        run.send_signal(how)
        said, errors = run.communicate(timeout=60)
    assert run.returncode == status, said + errors
    if how != signal.SIGKILL:
        assert errors == "\nstopping ...\nstopped\n"
        left = [f"  scenarios/{name}.yaml" for name in ("worked", "works", "x", "y", "z")]
        begun = " (was running)"
        expected = [left[0] + begun, left[1] + begun, *left[2:]]
        assert said.partition("Not run, because the run stopped early\n")[2].splitlines()[:5] == expected
        document = json.loads((project / "r.json").read_text())
        assert [f"  {each['file']}" for each in document["not_run"]] == left
    nothing_stays(project, started)


@pytest.mark.thorough
def test_one_account_is_not_shared(quick: Path) -> None:
    with start("up", "--json", cwd=quick) as up:
        assert up.stdout is not None
        exported = json.loads(up.stdout.readline())["env"]
        try:
            found = play(quick, "2", "--endpoint-url", exported["AWS_ENDPOINT_URL"], **exported)
        finally:
            up.send_signal(signal.SIGINT)
            up.communicate(timeout=60)
    assert found[0] == NO_ENGINE
    assert f"has a single account, 123456789012 at {exported['AWS_ENDPOINT_URL']}, so parallel" in found[2]
    assert found[2].endswith("omit -n\nfor more: harness explain engine\n")
    assert len(json.loads(found[3])["not_run"]) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-n", "2", "--keep"), "--keep leaves one engine running, but -n 2 starts 2; omit one of them"),
        (("-n", "0"), "invalid number '0': must be a whole number, 1 or more, or auto"),
        (("-n", "many"), "invalid number 'many': must be a whole number, 1 or more, or auto"),
    ],
)
def test_what_cannot_be_is_refused(quick: Path, options: tuple[str, ...], said: str) -> None:
    with start("run", *options, cwd=quick) as run:
        _, errors = run.communicate(timeout=60)
    assert run.returncode == WRONG
    assert said in errors


@pytest.mark.thorough
def test_auto_is_a_number(quick: Path) -> None:
    assert play(quick, "auto")[0] == FAILED
