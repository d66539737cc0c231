"""Changes to declared settings of machines and functions, each at its line."""

import pytest
from planted import CDK, PLAIN, SAM, copied

from harness.gate.declared import DEFINITION, FUNCTION, HANDLING, LESS, findings

MACHINE = "orchestrator.asl.json"
NOT_READY = '"MaxDelaySeconds": 30,\n          "MaxAttempts": 8\n        },'


def only(project):
    (found,) = findings(*project.sides())
    return found


@pytest.mark.parametrize("project", [PLAIN, SAM, CDK], ids=["plain", "sam", "cdk"])
def test_an_unchanged_project_has_no_findings(tmp_path, project):
    assert not list(findings(*copied(project, tmp_path).sides()))


def test_a_retry_that_gives_up_sooner_is_found_at_its_line_of_the_definition(plain):
    plain.edit(NOT_READY, NOT_READY.replace("8", "2"), file=MACHINE)
    found = only(plain)
    assert found.rule is HANDLING
    assert found.message == (
        "Orchestrator.CreateStateMachine: RoleNotReady is retried with MaxAttempts 2, previously 8"
    )
    assert found.file == plain.head / MACHINE
    assert found.line in range(plain.line('"Retry"', file=MACHINE), plain.line('"Retry"', file=MACHINE) + 3)


def test_a_wait_that_takes_longer_is_a_note_at_its_line(plain):
    plain.edit('"StartAt": "CreateStateMachine"', '"StartAt": "PublishError"', file=MACHINE)
    found = only(plain)
    assert found.rule is DEFINITION
    assert found.line == plain.line('"StartAt"', file=MACHINE)


@pytest.mark.parametrize(
    ("old", "new", "rule", "subject"),
    [
        ("MemorySize: 1769", "MemorySize: 512", LESS, "ListObjectsFunction.MemorySize"),
        ("Timeout: 120", "Timeout: 60", LESS, "PutDynamoDBFunction.Timeout"),
        (
            "Handler: usage_report.put_dynamodb.handler",
            "Handler: usage_report.put.handler",
            FUNCTION,
            "PutDynamoDBFunction.Handler",
        ),
    ],
)
def test_settings_of_functions_are_found_at_their_lines(plain, old, new, rule, subject):
    plain.edit(old, new)
    found = only(plain)
    assert (found.rule, found.subject, found.line) == (rule, subject, plain.line(new))


def test_more_is_no_finding(plain):
    plain.edit("MemorySize: 1769", "MemorySize: 2048")
    plain.edit("Timeout: 120", "Timeout: 180")
    assert not list(findings(*plain.sides()))


def test_variables_are_told_one_by_one_without_their_values(tmp_path):
    project = copied(SAM, tmp_path)
    project.edit("STAGE: !Ref Stage}", "STAGE: !Ref Stage, MODE: quick}")
    found = list(findings(*project.sides()))
    assert {each.rule for each in found} == {FUNCTION}
    assert all(each.message.endswith(": the variable MODE is new") for each in found)


def test_what_another_name_brings_about_is_no_change_of_a_function(plain):
    plain.edit("{AttributeName: run_id, KeyType: HASH}", "{AttributeName: run, KeyType: HASH}")
    assert not list(findings(*plain.sides()))


def test_what_a_parameter_brings_about_is_found_at_its_default(plain):
    plain.edit(
        "RowRetentionDays:\n    Type: Number\n    Default: 90",
        "RowRetentionDays:\n    Type: Number\n    Default: 7",
    )
    found = list(findings(*plain.sides()))
    assert {each.rule for each in found} == {FUNCTION}
    assert {each.line for each in found} == {plain.line("Default: 7")}
    assert {each.details for each in found} == {("the parameter RowRetentionDays was '90' and is now '7'",)}


def test_what_a_definition_is_given_is_compared_with_what_it_was(plain):
    plain.edit('!Join ["", [!Ref PollIntervalSeconds]]', '"5"')
    found = only(plain)
    assert (found.rule, found.line) == (DEFINITION, plain.line('PollIntervalSeconds: "5"'))
    assert found.message == "Orchestrator: the substitution PollIntervalSeconds has another value"


def test_a_variable_is_found_at_its_line_and_a_hidden_parameter_keeps_its_value(plain):
    hidden = "RowRetentionDays:\n    NoEcho: true\n    Type: Number\n    Default: "
    plain.edit("RowRetentionDays:\n    Type: Number\n    Default: 90", f"{hidden}7")
    plain.edit("RowRetentionDays:\n    Type: Number\n    Default: 90", f"{hidden}90", of_base=True)
    plain.edit(
        "STACK_NAME: !Ref AWS::StackName\n          TABLE_NAME", "STACK_NAME: shop\n          TABLE_NAME"
    )
    found = list(findings(*plain.sides()))
    assert plain.line("STACK_NAME: shop") in {each.line for each in found}
    told = {text for each in found for text in each.details}
    assert told == {"the parameter RowRetentionDays has another value"}
