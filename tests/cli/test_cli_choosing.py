"""`-k`, `-m`, `--last-failed`, `-x`, `--maxfail`, `--shard` and `--durations` on the command line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import minimal_project
import pytest
from minimal_project import PUBLISHES, PYPROJECT, scenario, write

from harness.cli import commands, main, playing
from harness.exit_codes import FAILED, PASSED, WRONG
from harness.report.model import Result
from harness.scenario.model import Scenario

pytestmark = pytest.mark.usefixtures("kept_engines")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with four scenarios. Scenarios `b` and `c` fail."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return minimal_project.project(
        tmp_path,
        a=scenario("One", more="tags: [fast]\n"),
        b=scenario("Two", "FAILED", more="tags: [slow]\n"),
        c=scenario("Three", "FAILED"),
        d=scenario("Four"),
    )


class Judge:
    """Runs scenarios without an engine: a scenario that expects FAILED fails."""

    label = "nobody"

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self, screen: object) -> None:
        pass

    def results(self, scenarios: Sequence[Scenario], begun: Callable[[Scenario], object]) -> Iterator[Result]:
        for each in scenarios:
            begun(each)
            bad = "FAILED" in each.path.read_text()
            yield Result(each, "nobody", "failed" if bad else "passed", 0.1, timings_s={"deploy": 0.1})


@pytest.fixture
def judged(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project, whose scenarios run without an engine."""
    monkeypatch.setattr(playing, "OneByOne", Judge)
    monkeypatch.setattr(commands, "_launched", lambda *_: contextlib.nullcontext())
    return project


def played(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> list[str]:
    """The files that a run has executed, and the skipped files prefixed with `not `."""
    assert main(["run", "--json", "r.json", *arguments]) == code
    capsys.readouterr()
    report = json.loads(Path("r.json").read_text())
    return [
        *(Path(each["file"]).stem for each in report["results"]),
        *(f"not {Path(each['file']).stem}" for each in report["not_run"]),
    ]


def test_what_failed_last_is_played_again_until_it_passes(judged, capsys):
    assert played(capsys, "--last-failed", code=FAILED) == ["a", "b", "c", "d"]
    assert played(capsys, "--lf", code=FAILED) == ["b", "c"]
    (judged / "scenarios/b.yaml").write_text(scenario("Two"))
    assert played(capsys, "scenarios/a.yaml", "scenarios/b.yaml", "--lf", code=PASSED) == ["b"]
    assert played(capsys, "--lf", code=FAILED) == ["c"]
    (judged / "scenarios/c.yaml").unlink()
    assert main(["list", "--lf"]) == PASSED
    said = capsys.readouterr()
    assert said.err == "--last-failed: no previous failures; all scenarios are selected\n"
    assert [line.split()[0] for line in said.out.splitlines()] == [f"scenarios/{n}.yaml" for n in "abd"]


def test_a_record_that_is_broken_or_cannot_be_written_stops_nothing(judged, capsys):
    assert played(capsys, code=FAILED) == ["a", "b", "c", "d"]
    (record,) = (judged / "cache/stepfunctions-harness/last-failed").iterdir()
    for text in ("", "[]", '{"version": 9}', '{"version": 1, "root": 5}', "\udcff"):
        record.write_text(text, errors="surrogateescape")
        assert main(["list", "--lf"]) == PASSED
        assert "no previous failures" in capsys.readouterr().err
    record.unlink()
    record.parent.rmdir()
    record.parent.write_text("a file")
    assert played(capsys, "-k", "scenarios/a", code=PASSED) == ["a"]


def test_a_run_stops_after_the_first_failures_and_names_the_others(judged, capsys):
    assert played(capsys, "--maxfail", "2", code=FAILED) == ["a", "b", "c", "not d"]
    assert played(capsys, "-x", code=FAILED) == ["a", "b", "not c", "not d"]
    assert json.loads((judged / "r.json").read_text())["not_run"][0]["reason"] == "stopped after 1 failure"


@pytest.mark.usefixtures("judged")
def test_expressions_and_shards_choose_what_is_played(capsys):
    assert played(capsys, "-k", "one or four", code=PASSED) == ["a", "d"]
    assert played(capsys, "-m", "fast", code=PASSED) == ["a"]
    assert played(capsys, "-m", "not slow", "--shard", "2/2", code=FAILED) == ["c"]
    assert played(capsys, "-m", "slow", "--shard", "2/2", code=PASSED) == []


@pytest.mark.usefixtures("project", "nothing_starts")
@pytest.mark.parametrize("command", [["run"], ["list"], ["compare", "--engines", "moto,ministack"]])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-k", "nine"], "-k 'nine': no file, title or tag matches"),
        (["-m", "slwo"], "-m 'slwo': no scenario has the tag 'slwo'; did you mean 'slow'?"),
        (
            ["-m", "slow and"],
            "-m invalid expression 'slow and': expected a name, not, or an opening parenthesis",
        ),
    ],
)
def test_a_choice_of_nothing_is_refused(command, options, said, capsys):
    assert main([*command, *options]) == WRONG
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_processes_side_by_side_stop_after_the_first_failure_and_the_slowest_are_listed(capsys):
    assert main(["run", "-x", "-n", "2", "--durations", "0", "--json", "r.json"]) == FAILED
    assert [Path(each["file"]).stem for each in json.loads(Path("r.json").read_text())["not_run"]] == [
        "c",
        "d",
    ]
    out = capsys.readouterr().out.splitlines()
    listed = out[out.index("Slowest 2 of 2") + 1 :][:2]
    seconds = [float(line.split()[0]) for line in listed]
    assert seconds == sorted(seconds, reverse=True)
    assert all("scenarios/" in line and "deploy " in line for line in listed)


def test_a_sweep_is_chosen_divided_and_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    files = {
        "pyproject.toml": f'{PYPROJECT}invariants = "never.py"\nstate_machine = "Publish"\n',
        "never.py": "def never(played):\n    yield 'never'\n\nINVARIANTS = (never,)\n",
        "template.yaml": PUBLISHES,
        "scenarios/a.yaml": scenario(),
    }
    write(tmp_path, files)

    def trials(*options: str, code: int = FAILED) -> list[str]:
        assert main(["sweep", "scenarios/a.yaml", "-n", "1", "--json", "s.json", *options]) == code
        capsys.readouterr()
        found = json.loads(Path("s.json").read_text())["trials"]
        return [json.dumps([each["faults"], each["times"]]) for each in found]

    whole = trials("-k", "(cut or delay) and send")
    assert {next(iter(key for key in ("cut", "delay") if key in each)) for each in whole} == {"cut", "delay"}
    assert trials("-k", "cut or delay", "--shard", "2/2", "-x") == whole[2:3]
    assert main(["sweep", "scenarios/a.yaml", "--update-from", "HEAD", "--shard", "1/2"]) == WRONG
    assert "--shard select faults" in capsys.readouterr().err


def test_an_option_that_is_not_there_has_a_remedy(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", "--duration", "3", "--jnit=x"])
    assert ended.value.code == WRONG
    assert "unknown option '--jnit'; did you mean --junit?" in capsys.readouterr().err


def test_an_option_before_the_command_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["-v", "list"])
    assert ended.value.code == WRONG
    assert "unknown option '-v' before the command" in capsys.readouterr().err


def test_the_version_names_what_matters(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    out = capsys.readouterr().out
    assert all(
        name in out for name in ("stepfunctions-harness ", "Python 3.", "moto ", "boto3 ", "cfn-lint ")
    )
