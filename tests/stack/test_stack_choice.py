"""The stacks that a scenario deploys: their templates, their names and their parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.planned import Planned, StackEntry
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.stack_choice import stack_name, stacks_for, stacks_of

TEMPLATE = "Parameters: {%s}\nResources: {Topic: {Type: AWS::SNS::Topic}}\n"
DAYS, STAGE = "Days: {Type: String}", "Stage: {Type: String}"


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(TEMPLATE % STAGE)
    Path("b.yaml").write_text(TEMPLATE % f"{DAYS}, {STAGE}")
    Path("cdk.out").mkdir()
    artifacts = {}
    for name in ("Data", "Orders"):
        template = {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {}}
        Path("cdk.out", f"{name}.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.json", "stackName": f"shop-{name}"},
        }
    Path("cdk.out/manifest.json").write_text(json.dumps({"artifacts": artifacts}))


def chosen(stack: str, more: dict[str, str] | None = None, **settings: Any) -> list[Planned]:
    text = f"title: t\n{stack}\nexpect: {{messages: []}}\n"
    return [*stacks_of(parse(text, BUILT_IN, Path("x.yaml")), Settings(root=Path(), **settings), more or {})]


def refused(stack: str, **settings: Any) -> str:
    with pytest.raises((ScenarioError, SettingsError)) as error:
        chosen(stack, **settings)
    return str(error.value)


def test_one_template_has_the_name_of_the_settings_and_all_parameters() -> None:
    setting = {"parameters": {"Stage": "s", "No": "n"}, "stack_name": "shop"}
    one = Planned(Path("a.yaml"), "shop", {"Stage": "t", "No": "n", "Extra": "e"})
    more = {"Extra": "e"}
    assert chosen("stack: {parameters: {Stage: t}}", more, template=Path("a.yaml"), **setting) == [one]
    assert chosen("stack: {template: a.yaml, parameters: {Stage: t}}", more, **setting) == [one]
    assert chosen("stack: [{template: a.yaml, parameters: {Stage: t}}]", more, **setting) == [one]
    (named,) = chosen("stack: {template: a.yaml, name: mine}", **setting)
    assert named.name == "mine"


def test_several_have_the_names_of_their_files_and_the_parameters_that_they_declare() -> None:
    both = "stack: [{template: a.yaml}, {template: b.yaml, name: second, parameters: {Days: 7}}]"
    assert chosen(both, parameters={"Stage": "s"}) == [
        Planned(Path("a.yaml"), "a", {"Stage": "s"}),
        Planned(Path("b.yaml"), "second", {"Stage": "s", "Days": "7"}),
    ]
    # An unknown parameter stays: the template check rejects it.
    (first, _) = chosen("stack: [{template: a.yaml, parameters: {Days: 7}}, {template: b.yaml}]")
    assert first.parameters == {"Days": "7"}


def test_settings_name_several_and_a_scenario_gives_them_parameters() -> None:
    entries = (StackEntry(Path("a.yaml")), StackEntry(Path("b.yaml"), "b2", {"Days": "7", "Stage": "own"}))
    found = chosen("stack: {parameters: {Days: 9}}", stacks=entries, parameters={"Stage": "all"})
    assert found == [
        Planned(Path("a.yaml"), "a", {"Stage": "all"}),
        Planned(Path("b.yaml"), "b2", {"Stage": "own", "Days": "9"}),
    ]
    assert [s.name for s in chosen("stack: {template: a.yaml}", stacks=entries)] == ["stack"]
    assert [s.name for s in stacks_for(Settings(root=Path(), stacks=entries))] == ["a", "b2"]


@pytest.mark.parametrize(
    ("stack", "names"),
    [
        ("stack: {template: cdk.out}", ["shop-Data", "shop-Orders"]),
        ("stack: {template: cdk.out, name: Orders}", ["shop-Orders"]),
        ("stack: [{template: a.yaml}, {template: cdk.out, name: shop-Data}]", ["a", "shop-Data"]),
    ],
)
def test_an_app_has_the_names_of_its_stacks(stack: str, names: list[str]) -> None:
    found = chosen(stack, parameters={"Stage": "s"})
    assert [each.name for each in found] == names
    assert [dict(each.parameters) for each in found] == [{"Stage": "s"}] * len(names)


def test_the_name_of_the_settings_is_that_of_a_stack_of_the_app() -> None:
    assert [s.name for s in chosen("", template=Path("cdk.out"), stack_name="shop-Data")] == ["shop-Data"]
    assert "has no stack 'shop'" in refused("", template=Path("cdk.out"), stack_name="shop")


def test_the_only_stack_of_an_app_can_have_another_name() -> None:
    manifest = json.loads(Path("cdk.out/manifest.json").read_text())
    del manifest["artifacts"]["Data"]
    Path("cdk.out/manifest.json").write_text(json.dumps(manifest))
    (only,) = chosen("stack: {template: cdk.out, name: mine}")
    assert (only.name, only.template) == ("mine", Path("cdk.out/Orders.json"))


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (
            "stack: [{template: a.yaml}, {template: a.yaml}]",
            "x.yaml:2:9: two stacks are called 'a'; give each a different name",
        ),
        (
            "stack: {template: a.yaml, name: a_b}",
            "x.yaml:2:33: stack_name 'a_b' is not a valid stack name; use up to 128 letters, digits and "
            "hyphens, beginning with a letter",
        ),
        (
            "stack: {template: cdk.out, name: Ordrs}",
            "x.yaml:2:34: cdk.out has no stack 'Ordrs'; its stacks: shop-Data, shop-Orders",
        ),
        ("", "x.yaml: no template; set one under stack: in the scenario, or as template in "),
        ("stack: [{name: a}, {template: a.yaml}]", "x.yaml: no template; set one under stack:"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_at_its_place(stack: str, said: str) -> None:
    assert refused(stack).startswith(said)


def test_a_name_does_not_say_which_of_several_templates_is_meant() -> None:
    entries = (StackEntry(Path("a.yaml")), StackEntry(Path("b.yaml")))
    assert refused("stack: {name: a}", stacks=entries) == (
        "x.yaml:2:15: the settings contain several stacks; set the name of each in [tool.harness] stacks, "
        "or set a template in the scenario"
    )
    with pytest.raises(SettingsError, match="stacks: they have their own names; remove the name 'c'"):
        stacks_for(Settings(root=Path(), stacks=entries), name="c")
    twice = (StackEntry(Path("a.yaml")), StackEntry(Path("a.yaml")))
    assert "pyproject.toml: [tool.harness]: two stacks are called 'a'" in refused("", stacks=twice)


@pytest.mark.parametrize(
    ("file", "name"), [("a.yaml", "a"), ("my_flow.v2.yaml", "my-flow-v2"), ("1st.yaml", "stack-1st")]
)
def test_a_file_s_name_makes_one_for_its_stack(file: str, name: str) -> None:
    assert stack_name(Path(file)) == name
