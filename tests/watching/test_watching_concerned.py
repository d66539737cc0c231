"""Scenarios affected by saved files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import minimal_project
import pytest
import report_samples as samples
from minimal_project import write

from harness.observe.access import Access
from harness.observe.model import Observation, Run
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.origins import origins_in
from harness.testing import an_execution, an_invocation, observed
from harness.watching.concerned import Chosen, Memory, concerned, in_order, words_of

FUNCTION = """\
    Type: AWS::Lambda::Function
    Properties: {{Runtime: !Ref Python, Handler: {handler}, Code: {code}, Role: !GetAtt Role.Arn}}
"""
TEMPLATE = (
    "Parameters: {Python: {Type: String, Default: python3.13}}\n"
    + minimal_project.TEMPLATE
    + "  List:\n"
    + FUNCTION.format(handler="list.handler", code="src")
    + "  Put:\n"
    + FUNCTION.format(handler="put.handler", code="src")
)
FILES = {
    "pyproject.toml": minimal_project.PYPROJECT,
    "template.yaml": TEMPLATE,
    "src/list.py": "import shared\n",
    "src/put.py": "import shared\n",
    "src/shared.py": "",
    "src/limits.json": "{}",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two functions, in the working directory."""
    monkeypatch.chdir(write(tmp_path, FILES))
    return tmp_path


def scenario(folder: Path, name: str, text: str = minimal_project.scenario()) -> Scenario:
    """A scenario in a folder."""
    return samples.scenario(text, str(folder / f"scenarios/{name}.yaml"))


def result(played: Scenario, *functions: str, outcome: str = "passed", took_s: float = 1) -> Result:
    """A result in which functions were invoked."""
    folder = played.path.parent.parent
    seen = observed(
        Run("run-1", an_execution()),
        invocations=[an_invocation(f"deployed-{name}") for name in functions],
        functions={f"deployed-{name}": name for name in ("List", "Put")},
    )
    access = Access(origins=origins_in(folder / "template.yaml"))
    observation: Observation | None = replace(seen, access=access)
    if outcome == "error":
        observation = None
    return Result(played, "moto", outcome, took_s, observation=observation)


def memory(folder: Path, *results: Result) -> Memory:
    """The memory of results."""
    settings: Settings = load_settings(folder, {})
    made = Memory(lambda _: settings)
    made.started([each.scenario for each in results], "moto")
    for each in results:
        made.scenario_finished(each)
    return made


class Played:
    """Three scenarios that were played: they list, put, and do both."""

    def __init__(self, folder: Path, **outcomes: str) -> None:
        self.folder = folder
        self.scenarios = [scenario(folder, name) for name in ("both", "lists", "puts")]
        both, lists, puts = self.scenarios
        self.memory = memory(
            folder,
            result(both, "List", "Put", took_s=9, outcome=outcomes.get("both", "passed")),
            result(lists, "List", took_s=2, outcome=outcomes.get("lists", "passed")),
            result(puts, "Put", took_s=1, outcome=outcomes.get("puts", "passed")),
        )

    def saved(self, *names: str, special: Iterable[str] = (), others: Iterable[str] = ()) -> Chosen:
        """The choice for files that are saved."""
        return concerned(
            {self.folder / name for name in names},
            self.scenarios,
            self.memory,
            special={self.folder / name for name in special},
            others={self.folder / name for name in others},
        )

    def names(self, *names: str, special: Iterable[str] = ()) -> list[str]:
        """The names of the chosen scenarios."""
        return named(self.saved(*names, special=special).scenarios)


def named(scenarios: Iterable[Scenario]) -> list[str]:
    return [each.path.stem for each in scenarios]


def test_a_function_s_file_plays_the_scenarios_that_invoked_it(project):
    played = Played(project)
    chosen = played.saved("src/list.py")
    assert named(chosen.scenarios) == ["lists", "both"]  # the longest comes last
    assert chosen.reasons == ("src/list.py: 2 of 3 scenarios use List",)
    assert list(words_of(chosen.reasons, 1)) == [
        "src/list.py: 2 of 3 scenarios use List; press Enter to run all"
    ]
    assert played.saved("src/put.py").reasons == ("src/put.py: 2 of 3 scenarios use Put",)


def test_a_shared_module_concerns_all_functions_that_import_it(project):
    chosen = Played(project).saved("src/shared.py")
    assert named(chosen.scenarios) == ["puts", "lists", "both"]
    assert chosen.reasons == ("src/shared.py: 3 of 3 scenarios use List, Put",)


def test_a_module_that_nobody_imports_plays_nothing(project):
    chosen = Played(project).saved("src/unused.py")
    assert chosen == Chosen((), ("src/unused.py: none of 3 scenarios use it",))


def test_data_in_a_package_concern_its_functions_and_a_text_that_names_a_file_its_scenario(project):
    assert Played(project).names("src/limits.json") == ["puts", "lists", "both"]
    played = Played(project)
    more = scenario(project, "more", minimal_project.scenario("As unused.py says"))
    played.scenarios.append(more)
    played.memory.scenario_finished(result(more))
    assert played.names("src/unused.py") == ["more"]


def test_a_template_concerns_the_scenarios_of_its_stack(project):
    chosen = Played(project).saved("template.yaml")
    assert len(chosen.scenarios) == 3
    assert chosen.reasons == ("template.yaml: 3 of 3 scenarios deploy it",)


def test_a_scenario_concerns_itself(project):
    played = Played(project)
    assert played.names("scenarios/lists.yaml") == ["lists"]
    other = played.saved("scenarios/slow.yaml", others=["scenarios/slow.yaml"])
    assert other == Chosen((), ("scenarios/slow.yaml: excluded scenario",))


@pytest.mark.parametrize("name", ["pyproject.toml", "seeds/orders.json", "src/expectations.py"])
def test_what_is_not_known_concerns_all(project, name):
    special = ["src/expectations.py"]  # though it is packaged with the functions
    assert Played(project).names(name, special=special) == ["puts", "lists", "both"]


def test_what_failed_comes_first_until_it_passes(project):
    played = Played(project, both="failed")
    chosen = played.saved("src/put.py")
    assert named(chosen.scenarios) == ["both", "puts"]
    chosen = played.saved("scenarios/lists.yaml")
    assert named(chosen.scenarios) == ["both", "lists"]
    assert chosen.reasons[-1] == "1 scenario that failed last time"
    played.memory.scenario_finished(result(played.scenarios[0], "List", "Put"))
    assert played.names("scenarios/lists.yaml") == ["lists"]
    assert named(in_order(played.scenarios, played.memory, {project / "scenarios/lists.yaml"}))[0] == "lists"


def test_what_was_left_out_is_played_the_next_time(project):
    played = Played(project)
    played.memory.started([played.scenarios[2]], "moto")  # and then a file was saved
    chosen = played.saved("scenarios/lists.yaml")
    assert named(chosen.scenarios) == ["puts", "lists"]
    assert chosen.reasons[-1] == "1 scenario still pending"


def test_a_run_without_an_end_says_nothing_so_it_is_played(project):
    played = Played(project, lists="error")
    played.memory.failed.clear()
    chosen = played.saved("src/put.py")
    assert named(chosen.scenarios) == ["puts", "lists", "both"]
    assert chosen.reasons[-1] == "1 scenario whose last run did not report the files it used"


@pytest.mark.parametrize("type_", ["Custom::Orders", "AWS::CloudFormation::CustomResource"])
def test_a_stack_that_invokes_functions_uses_all(project, type_):
    made = f"  Made: {{Type: '{type_}', Properties: {{ServiceToken: !GetAtt Put.Arn}}}}\n"
    (project / "template.yaml").write_text(TEMPLATE + made)
    assert Played(project).names("src/put.py") == ["puts", "lists", "both"]


def test_layers_and_code_that_are_not_here_are_in_doubt(project):
    (project / "template.yaml").write_text(
        TEMPLATE.replace(
            "Handler: put.handler", "Layers: [!Sub 'arn:${Elsewhere}'], Handler: put.handler"
        ).replace("Parameters: {", "Parameters: {Elsewhere: {Type: String, Default: x}, ")
    )
    assert Played(project).names("src/list.py") == ["puts", "lists", "both"]
    (project / "template.yaml").write_text(TEMPLATE.replace("Runtime: !Ref Python", "Runtime: nodejs22.x"))
    assert Played(project).names("src/list.py") == ["puts", "lists", "both"]
