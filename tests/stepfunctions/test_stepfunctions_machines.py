"""State machines: names, definitions, idempotency, deletion, tags, accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import PASS, ROLE, Lab, refused, wait, waits_then_passes

from harness.stepfunctions.arns import Caller


def test_a_machine_is_described_as_it_was_made(lab: Lab) -> None:
    arn = lab.create()
    assert arn == "arn:aws:states:eu-west-1:123456789012:stateMachine:machine"
    shown = lab.call("DescribeStateMachine", stateMachineArn=arn)
    assert shown == {
        "stateMachineArn": arn,
        "name": "machine",
        "status": "ACTIVE",
        "definition": json.dumps(PASS),
        "roleArn": ROLE,
        "type": "STANDARD",
        "creationDate": lab.simulation.clock.now(),
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


@pytest.mark.parametrize("name", ["a" * 80, "with.dots-and_lines", "Umlaut-ä"])
def test_a_name_may_be(lab: Lab, name: str) -> None:
    assert lab.create(name=name).endswith(f":{name}")


@pytest.mark.parametrize("character", ' <>{}[]?*"#%\\^|~`$&,;:/\t\n\x00\x1f\x7f\x9f\ud800\uffff')
def test_a_name_may_not_hold(lab: Lab, character: str) -> None:
    with refused("InvalidName", f"Invalid Name: 'a{character}b'"):
        lab.create(name=f"a{character}b")


@pytest.mark.parametrize(
    ("name", "bound"), [("", "greater than or equal to 1"), ("a" * 81, "less than or equal to 80")]
)
def test_a_name_has_1_to_80_characters(lab: Lab, name: str, bound: str) -> None:
    says = f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
    with refused("ValidationException", f"{says}Member must have length {bound}"):
        lab.create(name=name)


def test_a_definition_has_at_most_1_048_576_characters(lab: Lab) -> None:
    text = json.dumps(PASS)
    assert lab.create(text + " " * (1_048_576 - len(text)))
    with refused("ValidationException", "'definition'", "less than or equal to 1048576"):
        lab.create(text + " " * (1_048_577 - len(text)), name="longer")


def test_a_definition_with_problems_is_refused_with_all_of_them(lab: Lab) -> None:
    definition = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "End": True,
                "Branches": [PASS, PASS],
            },
            "W": {"Type": "Wait", "Seconds": 100_000_000, "End": True},
        },
    }
    with refused("InvalidDefinition", "DUPLICATE_STATE_NAME", "/States/W"):
        lab.create(definition)


def test_a_definition_that_is_not_json_is_refused(lab: Lab) -> None:
    with refused("InvalidDefinition", "INVALID_JSON_DESCRIPTION"):
        lab.create("{")


@pytest.mark.parametrize("role", ["role", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x"])
def test_a_role_is_the_arn_of_one(lab: Lab, role: str) -> None:
    with refused("InvalidArn", f"Invalid Role Arn: '{role}'"):
        lab.create(roleArn=role)


def test_the_same_request_finds_the_same_machine_and_ignores_another_role(lab: Lab) -> None:
    arn = lab.create(tags=[{"key": "a", "value": "1"}])
    assert lab.create(roleArn=f"{ROLE}-2", tags=[]) == arn
    assert lab.call("DescribeStateMachine", stateMachineArn=arn)["roleArn"] == ROLE
    assert lab.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "1"}]


def test_another_machine_of_the_name_is_refused(lab: Lab) -> None:
    arn = lab.create()
    with refused("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'"):
        lab.create(wait(1))
    with refused("StateMachineAlreadyExists"):
        lab.create(tracingConfiguration={"enabled": True})


def test_an_update_changes_what_it_names_and_gives_a_revision(lab: Lab) -> None:
    arn = lab.create()
    lab.pass_time(10)
    updated = lab.call("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(wait(1)))
    assert updated["updateDate"] == lab.simulation.clock.now()
    shown = lab.call("DescribeStateMachine", stateMachineArn=arn)
    assert (shown["definition"], shown["roleArn"]) == (json.dumps(wait(1)), ROLE)
    assert shown["revisionId"] == updated["revisionId"]


def test_an_update_to_what_is_already_so_makes_no_revision(lab: Lab) -> None:
    arn = lab.create()

    def update(**given: Any) -> dict[str, Any]:
        return lab.call("UpdateStateMachine", stateMachineArn=arn, **given)

    assert update(definition=json.dumps(PASS)).keys() == {"updateDate"}
    first = update(roleArn=f"{ROLE}-2")
    again = update(roleArn=f"{ROLE}-2", definition=json.dumps(PASS))
    assert again["revisionId"] == first["revisionId"]
    assert update(tracingConfiguration={"enabled": True})["revisionId"] != first["revisionId"]


def test_an_update_of_nothing_is_refused(lab: Lab) -> None:
    with refused("MissingRequiredParameter", "Either the definition, the role ARN"):
        lab.call("UpdateStateMachine", stateMachineArn=lab.create())


def test_a_running_execution_keeps_the_definition_it_started_with(lab: Lab) -> None:
    machine = lab.create(wait(60))
    execution = lab.start(machine)
    lab.call("UpdateStateMachine", stateMachineArn=machine, definition=json.dumps(PASS))
    shown = lab.call("DescribeStateMachineForExecution", executionArn=execution)
    assert shown == {
        "stateMachineArn": machine,
        "name": "machine",
        "definition": json.dumps(wait(60)),
        "roleArn": ROLE,
        "updateDate": lab.simulation.clock.now(),
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


def test_a_deleted_machine_is_deleting_for_23_seconds_and_then_gone(lab: Lab) -> None:
    arn = lab.create()
    assert lab.call("DeleteStateMachine", stateMachineArn=arn) == {}
    assert lab.call("ListStateMachines")["stateMachines"] == []
    assert lab.call("DescribeStateMachine", stateMachineArn=arn)["status"] == "DELETING"
    for refusing in (
        lab.create,
        lambda: lab.start(arn),
        lambda: lab.call("UpdateStateMachine", stateMachineArn=arn, roleArn=ROLE),
    ):
        with refused("StateMachineDeleting", f"State Machine is being deleted: '{arn}'"):
            refusing()
    lab.pass_time(22.9)
    assert lab.call("DescribeStateMachine", stateMachineArn=arn)["status"] == "DELETING"
    lab.pass_time(0.1)
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'"):
        lab.call("DescribeStateMachine", stateMachineArn=arn)
    assert lab.create(wait(1)) == arn


def test_deleting_twice_or_nothing_is_no_error(lab: Lab) -> None:
    arn = lab.create()
    for each in (arn, arn, f"{arn}-that-never-was"):
        assert lab.call("DeleteStateMachine", stateMachineArn=each) == {}


def test_executions_of_a_deleted_machine_end_at_their_next_transition(lab: Lab) -> None:
    machine = lab.create(waits_then_passes(100))
    execution = lab.start(machine)
    lab.call("DeleteStateMachine", stateMachineArn=machine)
    lab.pass_time(50)
    assert lab.status(execution) == "RUNNING"
    assert lab.call("DescribeStateMachine", stateMachineArn=machine)["status"] == "DELETING"
    lab.pass_time(51)
    assert lab.status(execution) == "ABORTED"
    events = lab.call("GetExecutionHistory", executionArn=execution)["events"]
    assert [e["type"] for e in events][-2:] == ["WaitStateExited", "ExecutionAborted"]
    with refused("StateMachineDoesNotExist"):
        lab.call("DescribeStateMachine", stateMachineArn=machine)


def test_machines_are_listed_by_name_in_pages(lab: Lab) -> None:
    for name in ("c", "a", "b"):
        lab.create(name=name)
    first = lab.call("ListStateMachines", maxResults=2)
    assert [m["name"] for m in first["stateMachines"]] == ["a", "b"]
    second = lab.call("ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    assert [m["name"] for m in second["stateMachines"]] == ["c"]
    assert "nextToken" not in second


@pytest.mark.parametrize(
    ("operation", "most"),
    [("ListStateMachines", 1024), ("ListExecutions", 3096), ("GetExecutionHistory", 1024)],
)
def test_a_token_has_a_length_and_is_shown(lab: Lab, operation: str, most: int) -> None:
    token = "x" * (most + 1)
    arns = {"stateMachineArn": "a", "executionArn": "a"}
    with refused(
        "ValidationException",
        f"Value '{token}' at 'nextToken' failed to satisfy constraint: Member must have length less than or "
        f"equal to {most}",
    ):
        lab.call(operation, nextToken=token, **arns)


@pytest.mark.parametrize("token", ["x", "ZnJvbTp4", "ZnJvbTo5OQ==", "ä"])
def test_a_token_that_was_not_given_out_is_refused(lab: Lab, token: str) -> None:
    with refused("InvalidToken", "Invalid Token"):
        lab.call("ListStateMachines", nextToken=token)


@pytest.mark.parametrize(
    "other", [Caller("210987654321", "eu-west-1"), Caller("123456789012", "us-east-1")], ids=str
)
def test_accounts_and_regions_do_not_see_each_other(lab: Lab, other: Caller) -> None:
    arn = lab.create()
    execution = lab.start(arn)
    assert lab.call("ListStateMachines", caller=other)["stateMachines"] == []
    with refused("StateMachineDoesNotExist"):
        lab.call("StartExecution", caller=other, stateMachineArn=arn)
    with refused("ExecutionDoesNotExist"):
        lab.call("DescribeExecution", caller=other, executionArn=execution)
    lab.call("DeleteStateMachine", caller=other, stateMachineArn=arn)
    assert lab.call("DescribeStateMachine", stateMachineArn=arn)["status"] == "ACTIVE"


def test_what_was_just_made_may_not_be_seen_yet() -> None:
    lab = Lab(visible_after_s=2)
    machine = lab.create()
    assert lab.create() == machine
    with refused("StateMachineDoesNotExist"):
        lab.start(machine)
    lab.pass_time(2)
    execution = lab.start(machine)
    with refused("ExecutionDoesNotExist"):
        lab.status(execution)
    lab.pass_time(2)
    assert lab.status(execution) == "SUCCEEDED"


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("machine", "Invalid Arn: 'Invalid ARN prefix: machine'"),
        ("arn:aws:states:eu-west-1:123456789012:activity:x", "not valid in this context: activity"),
    ],
)
def test_an_arn_has_to_be_a_machines(lab: Lab, arn: str, words: str) -> None:
    with refused("InvalidArn", words):
        lab.call("DescribeStateMachine", stateMachineArn=arn)


@pytest.mark.parametrize(
    ("region", "beginning"),
    [
        ("cn-north-1", "arn:aws-cn:states:"),
        ("us-gov-west-1", "arn:aws-us-gov:states:"),
        ("us-iso-east-1", "arn:aws-iso:states:"),
        ("us-isob-east-1", "arn:aws-iso-b:states:"),
        ("eu-isoe-west-1", "arn:aws-iso-e:states:"),
    ],
)
def test_arns_are_of_the_regions_partition(region: str, beginning: str) -> None:
    assert Lab(Caller("123456789012", region)).create().startswith(f"{beginning}{region}:")


def test_tags_are_added_replaced_and_removed(lab: Lab) -> None:
    arn = lab.create(tags=[{"key": "a", "value": "1"}])
    lab.call("TagResource", resourceArn=arn, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": ""}])
    lab.call("UntagResource", resourceArn=arn, tagKeys=["b", "c"])
    assert lab.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "2"}]


def test_tags_have_limits(lab: Lab) -> None:
    arn = lab.create()
    many = [{"key": str(n), "value": ""} for n in range(51)]
    with refused("TooManyTags"):
        lab.call("TagResource", resourceArn=arn, tags=many)
    wrong: list[dict[str, Any]] = [{"key": "", "value": "x"}, {"key": "k", "value": "x" * 257}]
    for tag in wrong:
        with refused("ValidationException"):
            lab.call("TagResource", resourceArn=arn, tags=[tag])
    lab.call("TagResource", resourceArn=arn, tags=[{"key": "Größe 1_.:/=+-@", "value": ""}])
    for character in "!#;*":
        with refused("ValidationException", f"'a{character}' has another one"):
            lab.call("TagResource", resourceArn=arn, tags=[{"key": "k", "value": f"a{character}"}])
    with refused("ResourceNotFound", f"Resource not found: '{arn}x'"):
        lab.call("ListTagsForResource", resourceArn=f"{arn}x")


def test_a_definition_is_validated_without_making_a_machine(lab: Lab) -> None:
    good = lab.call("ValidateStateMachineDefinition", definition=json.dumps(PASS))
    assert good == {"result": "OK", "diagnostics": [], "truncated": False}
    bad = {"StartAt": "X", "States": {"A": {"Type": "Pass", "Next": "Y"}}}
    found = lab.call("ValidateStateMachineDefinition", definition=json.dumps(bad))
    assert found["result"] == "FAIL"
    first = found["diagnostics"][0]
    assert (first["severity"], first["code"]) == ("ERROR", "MISSING_TRANSITION_TARGET")
    assert first["location"] == "/StartAt"
    cut = lab.call("ValidateStateMachineDefinition", definition=json.dumps(bad), maxResults=1)
    assert (len(cut["diagnostics"]), cut["truncated"]) == (1, True)
    assert lab.call("ListStateMachines")["stateMachines"] == []


WAITING = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
WAITS = {**WAITING, "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}}


def test_a_definition_is_validated_for_its_type(lab: Lab) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": WAITS}})
    assert (
        lab.call("ValidateStateMachineDefinition", definition=definition, type="STANDARD")["result"] == "OK"
    )
    found = lab.call("ValidateStateMachineDefinition", definition=definition, type="EXPRESS")
    assert found["result"] == "FAIL"
    with refused("InvalidDefinition", "'.waitForTaskToken' service integration  at /States/A/Resource'"):
        lab.create(definition=definition, type="EXPRESS")
    assert found["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "SCHEMA_VALIDATION_FAILED",
            "location": "/States/A/Resource",
            "message": "Express state machine does not support '.waitForTaskToken' service integration ",
        }
    ]


def test_an_empty_definition_is_no_object(lab: Lab) -> None:
    assert lab.call("ValidateStateMachineDefinition", definition="")["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "SCHEMA_VALIDATION_FAILED",
            "message": "Definition must be a valid JSON object",
        }
    ]


def test_what_the_model_demands_is_checked_first(lab: Lab) -> None:
    with refused("ValidationException", "2 validation errors detected: Value null at 'name'", "'roleArn'"):
        lab.call("CreateStateMachine", definition="{}")
    with refused("ValidationException", "2 validation errors", "'name'", "'tags.1.member.key'"):
        lab.create(name="n" * 81, tags=[{"key": "k" * 129, "value": "v"}])
    with refused(
        "ValidationException",
        "Value '59' at 'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 60",
    ):
        lab.create(encryptionConfiguration={"type": "AWS_OWNED_KEY", "kmsDataKeyReusePeriodSeconds": 59})
    with refused("ValidationException", "Value null at 'encryptionConfiguration.type'"):
        lab.create(encryptionConfiguration={})
    with refused("InvalidEncryptionConfiguration", "kmsKeyId"):
        lab.create(encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY"})
    with refused("SerializationException", "level is not of the type str"):
        lab.create(loggingConfiguration={"level": 1})
    with refused("SerializationException"):
        lab.call("CreateStateMachine", name=1, definition="{}", roleArn=ROLE)
    with refused("ValidationException", "Member must satisfy enum value set: [STANDARD, EXPRESS]"):
        lab.create(type="other")
    with refused("UnknownOperationException"):
        lab.call("RedriveExecution", executionArn="x")
