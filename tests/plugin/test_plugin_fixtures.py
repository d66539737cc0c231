"""Plugin fixtures: an empty engine, stacks, and runs that are judged like scenario runs."""

from __future__ import annotations

import json

import minimal_project
import pytest
from minimal_project import FORBIDDEN, PUBLISHES, write

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a machine that succeeds, and two further templates."""
    minimal_project.project(pytester.path)
    write(pytester.path, {"templates/pay_ments.yaml": PUBLISHES, "templates/forbidden.yaml": FORBIDDEN})
    return pytester


def test_fixtures_give_an_empty_engine_a_stack_and_a_run(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_run(harness_clients, harness_stack, harness_run):
            assert harness_clients.s3.list_buckets()["Buckets"] == []
            assert list(harness_stack.of_type("AWS::StepFunctions::StateMachine")) == ["Machine"]
            assert harness_stack.name == "stack"
            harness_clients.s3.create_bucket(Bucket="left-behind")
            result = harness_run({"n": 1})
            assert (result.execution.status, result.execution.input) == ("SUCCEEDED", '{"n": 1}')
            assert harness_run([], name="second").execution.input == "[]"
            assert result.mismatches == ()

        def test_the_next_one_finds_nothing_of_it(harness_clients):
            assert harness_clients.s3.list_buckets()["Buckets"] == []
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=2)


def test_two_templates_in_one_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from harness.pytest_plugin import stack_fixture

        payments = stack_fixture(template="templates/pay_ments.yaml", state_machine="Publish")
        nothing = stack_fixture("templates/pay_ments.yaml", state_machine="Nothing", name="other")

        def test_both(payments, nothing, harness_stack, harness_run):
            assert [s.name for s in (payments, nothing, harness_stack)] == ["pay-ments", "other", "stack"]
            paid = harness_run({}, stack=payments)
            assert [m.body for m in paid.observation.messages] == ["hello"]
            assert paid.observation.machines_left == ()
            assert harness_run({}, name="other", stack=nothing).execution.path == ("Done",)
            assert "Machine" in harness_run({}).execution.machine_name
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)


MODULE = """
from harness.pytest_plugin import stack_fixture

stack = stack_fixture("templates/forbidden.yaml", state_machine="Publish")
"""


def test_what_aws_would_refuse_fails_the_test_at_the_template_s_line(project: pytest.Pytester) -> None:
    project.makepyfile(f"{MODULE}\n\ndef test_it(harness_run, stack):\n    harness_run({{}}, stack=stack)\n")
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*forbidden.yaml:8: permissions: AWS would refuse this: role * is not authorized to perform: "
            "sns:Publish *",
            "*>  8 |       Policies:*",
            "*forbidden.yaml:8: add to the policies of role Role in the template:*",
            "*sns:Publish*",
            "*to check the mismatches in the test, read the result's `mismatches`*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_command_to_reproduce_is_for_the_working_directory(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = project.makepyfile(
        f"{MODULE}\ndef test_it(harness_run, stack):\n    harness_run({{}}, stack=stack)\n"
    )
    monkeypatch.chdir(project.path.parent)
    result = project.runpytest_subprocess("--rootdir", project.path, module)
    result.stdout.fnmatch_lines([f"*reproduce: pytest {project.path.name}/{module.name}::test_it"])


def test_a_test_that_reads_the_mismatches_judges_them(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"""{MODULE}

def test_read(harness_run, stack):
    (found,) = harness_run({{}}, stack=stack).mismatches
    assert found.expectation == "permissions" and "sns:Publish" in found.summary

def test_only_the_last_of_two_that_have_the_same(harness_run, stack):
    first = harness_run({{}}, stack=stack)
    assert first.execution.status == "SUCCEEDED"
    assert harness_run({{}}, name="second", stack=stack).mismatches

def test_its_own_failure_comes_first(harness_run, stack):
    harness_run({{}}, stack=stack)
    assert 1 == 2
"""
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E*assert 1 == 2"])
    result.stdout.no_fnmatch_line("*read `mismatches`*")


def test_runs_of_one_test_are_numbered_and_a_name_is_taken_once(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
def test_numbered(harness_run):
    first, second = harness_run({"n": 1}), harness_run({"n": 2}, timeout_s=30)
    runs = [result.observation.runs[-1].name for result in (first, second)]
    assert runs == ["run-1", "run-2"]

def test_taken(harness_run):
    harness_run({"n": 1}, name="a")
    harness_run({"n": 2}, name="a")
"""
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*a run named 'a' already exists; choose a different name,*"])
    result.stdout.no_fnmatch_line("*Traceback*")


MISTAKES = [
    (
        "harness_run({}, timeout_s=0)",
        "run run-1 did not end within 0 s of real time (give it a longer timeout_s); *:",
    ),
    ("harness_run({})", "run run-1 can never end: it waits for the task token of Done, and nothing *:"),
    (
        "harness_run.start({})",
        "run run-1 was started, but the test has not waited for its end: call its wait() method",
    ),
    ("harness_run.sleep('10 m')", "sleep: unknown unit 'm' in '10 m'; the units are *"),
    ("harness_run({}, stack=several)", "choose one in *; declared: Nothing, Publish"),
    ("harness_run({1, 2})", "invalid input or timeout_s for a run: * is not JSON serializable;*"),
    ("harness_run(timeout_s=-1)", "invalid timeout for a run: invalid time -1*; write 0 s or more"),
    ("harness_run(name='a b')", "invalid name for a run: invalid run name 'a b'; use up to 40 letters*"),
]
WRONG_STACKS = [
    ('stack_fixture("nowhere.yaml")', "nowhere.yaml: No such file or directory"),
    (
        'stack_fixture("t.yaml", name="a_b")',
        "stack_fixture: stack_name 'a_b' is not a valid stack name; use up",
    ),
    (
        "stack_fixture()",
        "stack_fixture: no template; pass one as the `template` argument, or set it in [[]tool.",
    ),
]


def test_mistakes_and_time_outs_are_told_without_a_traceback(project: pytest.Pytester) -> None:
    task = {"QueueUrl": "${Queue}", "MessageBody.$": "$$.Task.Token"}
    waits = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": task,
        "End": True,
    }
    text = minimal_project.TEMPLATE.replace('{"Type": "Succeed"}', json.dumps(waits))
    text = text.replace("DefinitionString:", "DefinitionString: !Sub")
    text = text.replace("Resources:\n", 'Resources:\n  Queue: {Type: "AWS::SQS::Queue"}\n')
    write(project.path, {"template.yaml": text})
    tests = [
        f"def test_{number}(harness_run, several):\n    {body}\n" for number, (body, _) in enumerate(MISTAKES)
    ]
    several = (
        'from harness.pytest_plugin import stack_fixture\nseveral = stack_fixture("templates/pay_ments.yaml")'
    )
    project.makepyfile("\n\n".join([several, *tests]))
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=len(MISTAKES))
    for number, (_, said) in enumerate(MISTAKES):
        result.stdout.fnmatch_lines([f"_* test_{number} _*", f"*{said}*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_stack_that_cannot_be_deployed(project: pytest.Pytester) -> None:
    write(project.path, {"pyproject.toml": "[tool.harness]\n"})
    tests = [
        f"wrong_{number} = {fixture}\ndef test_{number}(wrong_{number}): pass"
        for number, (fixture, _) in enumerate(WRONG_STACKS)
    ]
    project.makepyfile("\n".join(["from harness.pytest_plugin import stack_fixture", *tests]))
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=len(WRONG_STACKS))
    for number, (_, said) in enumerate(WRONG_STACKS):
        result.stdout.fnmatch_lines([f"_* ERROR at setup of test_{number} _*", f"*{said}*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_sweep_is_that_of_the_mark(project: pytest.Pytester) -> None:
    table = f'{minimal_project.PYPROJECT}state_machine = "Publish"\n'
    files = {"pyproject.toml": table, "template.yaml": PUBLISHES, "s.yaml": minimal_project.scenario()}
    write(project.path, files)
    project.makepyfile(
        """
        import pytest

        @pytest.mark.harness_sweep("s.yaml", kinds=["cut"])
        def test_it(harness_swept):
            assert len(harness_swept.verdicts) == 4 and not harness_swept.violations

        def test_without_a_mark(harness_swept): pass
        """
    )
    result = project.runpytest_subprocess("--strict-markers")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the fixture harness_swept requires the marker harness_sweep(scenario)*"])
