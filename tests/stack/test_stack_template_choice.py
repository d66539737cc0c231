"""The state machine that each run starts, known from the template before anything is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.template_choice import always_answered, check_machines, check_runtimes, machines_of

TWO = """\
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Order: {Type: AWS::StepFunctions::StateMachine}
  Refund: {Type: AWS::StepFunctions::StateMachine%s}
"""
WHICH = "choose one in `run: {state_machine: ...}` or `[tool.harness] state_machine`; declared: Order, Refund"


def settings(folder: Path, template: str = TWO % "", state_machine: str | None = None) -> Settings:
    path = folder / "template.yaml"
    path.write_text(template)
    return Settings(root=folder, template=path, state_machine=state_machine)


def chosen(run: str, of: Settings) -> tuple[str | None, ...]:
    return machines_of(parse(f"title: t\n{run}expect: {{messages: []}}\n", BUILT_IN, Path("a.yaml")), of)


def problems(run: str, of: Settings) -> list[str]:
    scenario = parse(f"title: t\n{run}expect: {{messages: []}}\n", BUILT_IN, Path("a.yaml"))
    with pytest.raises(ScenarioError) as error:
        check_machines([scenario], lambda _: of)
    return [str(problem) for problem in error.value.problems]


def test_a_run_names_its_machine_and_falls_back_to_the_setting(tmp_path: Path) -> None:
    of = settings(tmp_path, state_machine="Order")
    assert chosen("", of) == ("Order",)
    assert chosen("run: {state_machine: Refund}\n", of) == ("Refund",)
    assert chosen("run: [{state_machine: Refund}, {}]\n", of) == ("Refund", "Order")


def test_the_only_machine_needs_no_name(tmp_path: Path) -> None:
    one = "Resources: {Order: {Type: AWS::StepFunctions::StateMachine}}"
    assert chosen("", settings(tmp_path, one)) == ("Order",)


@pytest.mark.parametrize(
    ("run", "setting", "problem"),
    [
        (
            "run: {state_machine: Refunds}\n",
            "Order",
            "a.yaml:2:22: the template declares no state machine 'Refunds'; "
            "did you mean 'Refund'? declared: Order, Refund",
        ),
        (
            "run: [{}, {state_machine: Ordr}]\n",
            "Order",
            "a.yaml:2:27: the template declares no state machine 'Ordr'; "
            "did you mean 'Order'? declared: Order, Refund",
        ),
        (
            "run: {timeout: 5 s}\n",
            "Pay",
            "a.yaml:2:1: the template declares no state machine 'Pay', which is set in [tool.harness]; "
            "declared: Order, Refund",
        ),
        ("run: [{}]\n", None, f"a.yaml:2:7: the template declares 2 state machines; {WHICH}"),
        ("", None, f"a.yaml:1:1: the template declares 2 state machines; {WHICH}"),
    ],
)
def test_a_machine_that_cannot_be_meant_is_a_problem_at_its_place(
    tmp_path: Path, run: str, setting: str | None, problem: str
) -> None:
    assert problems(run, settings(tmp_path, state_machine=setting)) == [problem]


def test_all_runs_are_checked_at_once(tmp_path: Path) -> None:
    found = problems("run: [{state_machine: A}, {state_machine: B}]\n", settings(tmp_path))
    assert [text.partition(": ")[0] for text in found] == ["a.yaml:2:23", "a.yaml:2:43"]


def test_a_template_without_any_machine_says_so(tmp_path: Path) -> None:
    (found,) = problems("", settings(tmp_path, "Resources: {Topic: {Type: AWS::SNS::Topic}}"))
    assert found.startswith("a.yaml:1:1: the template declares 0 state machines; ")
    assert found.endswith("declared: none")


def test_a_logical_id_is_one() -> None:
    with pytest.raises(ScenarioError, match=r"a.yaml:2:22: 'my machine' is not a logical ID in a template"):
        parse(
            "title: t\nrun: {state_machine: my machine}\nexpect: {messages: []}\n", BUILT_IN, Path("a.yaml")
        )


@pytest.mark.parametrize(
    "template", [TWO % ", Condition: Refunds", "Transform: AWS::LanguageExtensions\n" + TWO % ""]
)
def test_what_only_the_deployed_stack_can_tell_is_left_to_it(tmp_path: Path, template: str) -> None:
    of = settings(tmp_path, template)
    assert chosen("", of) == (None,)
    assert chosen("run: {state_machine: Made}\n", of) == ("Made",)


def test_a_template_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path) -> None:
    of = settings(tmp_path, "Resources: 5")
    with pytest.raises(SettingsError, match="not a CloudFormation template"):
        check_machines([parse("title: t\nexpect: {messages: []}\n", BUILT_IN)], lambda _: of)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("function: Old", {"Old"}),
        ("function: Old, state: Ask", {"Old"}),
        ("function: Old, first: 2", set()),
        ("function: Old, run: run-1", set()),
        ("function: Old, input: {a: 1}", set()),
        ("state: Ask", set()),
    ],
)
def test_a_function_that_is_always_answered_is_not_looked_at(
    tmp_path: Path, entry: str, named: set[str]
) -> None:
    layered = """\
Resources:
  Old:
    Type: AWS::Lambda::Function
    Properties:
      {Runtime: python3.13, Handler: a.b, Layers: ["arn:aws:lambda:us-east-1:017000801446:layer:Theirs:1"]}
"""
    of = settings(tmp_path, layered)
    text = f"title: t\ntasks: [{{{entry}, result: {{}}}}]\nexpect: {{messages: []}}\n"
    scenario = parse(text, BUILT_IN, Path("a.yaml"))
    assert always_answered(scenario) == named
    if named:
        check_runtimes([scenario], lambda _: of)
    else:
        with pytest.raises(ScenarioError, match=r"layer .*Theirs:1 is not available"):
            check_runtimes([scenario], lambda _: of)
