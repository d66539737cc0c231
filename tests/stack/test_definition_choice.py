"""The definition that a scenario deploys: its own, the one in the settings, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.plain import DefinitionPath, GivenFunction
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.scenario.position import ScenarioError
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.definition_choice import check_choices
from harness.stack.stack_choice import stacks_of
from harness.stack.template_choice import machines_of

TABLE = '[tool.harness]\ndefinition = "flow.json"\nfunctions = {a = "code/a", b = "code/b"}\n'


def settings(folder: Path, table: str = TABLE) -> Settings:
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    return load_settings(folder, {})


def scenario(folder: Path, stack: str = "{}") -> Scenario:
    path = folder / "scenarios" / "s.yaml"
    return parse(f"title: t\nstack: {stack}\nexpect: {{messages: []}}\n", BUILT_IN, path)


def test_that_of_the_settings(tmp_path: Path) -> None:
    (planned,) = stacks_of(scenario(tmp_path), settings(tmp_path), {"Real": "1"})
    template, parameters = planned.template, planned.parameters
    assert isinstance(template, DefinitionPath)
    assert (str(template), parameters) == (str(tmp_path / "flow.json"), {})


def test_a_scenario_may_put_another_function_in_the_place_of_one(tmp_path: Path) -> None:
    template = stacks_of(scenario(tmp_path, "{functions: {a: stub.py}}"), settings(tmp_path))[0].template
    assert isinstance(template, DefinitionPath)
    assert template.given is not None
    assert dict(template.given.functions) == {
        "a": GivenFunction(tmp_path / "scenarios" / "stub.py"),
        "b": GivenFunction(tmp_path / "code" / "b"),
    }
    assert template.given.place("functions", "a") == (2, 21)
    assert template != stacks_of(scenario(tmp_path), settings(tmp_path))[0].template


def test_its_own_with_the_functions_of_the_settings(tmp_path: Path) -> None:
    template = stacks_of(scenario(tmp_path, "{definition: ../other.json}"), settings(tmp_path))[0].template
    assert str(template) == str(tmp_path / "other.json")
    assert isinstance(template, DefinitionPath)
    assert template.given is not None
    assert [name for name, _ in template.given.functions] == ["a", "b"]


def test_a_template_of_the_scenario_comes_before_the_definition_of_the_settings(tmp_path: Path) -> None:
    template = stacks_of(scenario(tmp_path, "{template: t.yaml}"), settings(tmp_path))[0].template
    assert template == tmp_path / "scenarios" / "t.yaml"


def test_a_definition_of_the_scenario_comes_before_the_template_of_the_settings(tmp_path: Path) -> None:
    of = settings(tmp_path, '[tool.harness]\ntemplate = "t.yaml"\nparameters = {Stage = "prod"}\n')
    (planned,) = stacks_of(scenario(tmp_path, "{definition: ../f.json}"), of)
    template, parameters = planned.template, planned.parameters
    assert (str(template), parameters) == (str(tmp_path / "f.json"), {})


def test_the_machine_of_the_definition_is_the_one_that_starts(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', encoding="utf-8"
    )
    of = settings(tmp_path, '[tool.harness]\ntemplate = "t.yaml"\nstate_machine = "Orchestrator"\n')
    several = scenario(tmp_path, "{definition: ../f.json, machines: {a: ../f.json}}")
    assert machines_of(several, of) == ("f",)
    of = settings(
        tmp_path, '[tool.harness]\ndefinition = "f.json"\nstate_machine = "a"\nmachines = {a = "f.json"}'
    )
    assert machines_of(scenario(tmp_path), of) == ("a",)


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (
            "{definition: f.json, template: t.yaml}",
            "2:9: stack has both template and definition; remove one of them",
        ),
        ("{definition: f.json}", "2:21: definition "),
        (
            "{functions: {a: b}}",
            "2:9: functions are only valid with a definition, but stack has no definition; "
            "add it: definition: PATH",
        ),
        (
            "{tables: {ord: {key: {id: S}}}}",
            "2:9: tables are only valid with a definition, but stack has no definition",
        ),
    ],
)
def test_what_does_not_fit_together(tmp_path: Path, stack: str, said: str) -> None:
    of = settings(tmp_path, '[tool.harness]\ntemplate = "t.yaml"\n')
    with pytest.raises(ScenarioError) as error:
        check_choices([scenario(tmp_path, stack)], lambda _: of)
    assert any(f"s.yaml:{said}" in str(problem) for problem in error.value.problems)
