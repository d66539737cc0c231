"""Versions and aliases: publishing, routing, starting executions by them, listing, deleting."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import PASS, ROLE, Lab, refused, wait


def publish(lab: Lab, machine: str, definition: Any, **given: Any) -> str:
    """Update a machine and publish it; give the version."""
    given |= {"definition": json.dumps(definition), "publish": True}
    arn: str = lab.call("UpdateStateMachine", stateMachineArn=machine, **given)["stateMachineVersionArn"]
    return arn


def routes(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in pairs]


def alias(lab: Lab, name: str, *pairs: tuple[str, int], **given: Any) -> str:
    made = lab.call("CreateStateMachineAlias", name=name, routingConfiguration=routes(*pairs), **given)
    assert made.keys() == {"stateMachineAliasArn", "creationDate"}
    arn: str = made["stateMachineAliasArn"]
    return arn


def versions(lab: Lab, machine: str, **given: Any) -> list[str]:
    found = lab.call("ListStateMachineVersions", stateMachineArn=machine, **given)
    return [each["stateMachineVersionArn"] for each in found["stateMachineVersions"]]


def test_a_version_keeps_what_was_published(lab: Lab) -> None:
    given = {"name": "m", "definition": json.dumps(PASS), "roleArn": ROLE, "versionDescription": "the first"}
    made = lab.call("CreateStateMachine", publish=True, **given)
    machine, first = made["stateMachineArn"], made["stateMachineVersionArn"]
    assert first == f"{machine}:1"
    lab.pass_time(5)
    second = publish(lab, machine, wait(1))
    assert versions(lab, machine) == [second, first] == [f"{machine}:2", f"{machine}:1"]
    old = lab.call("DescribeStateMachine", stateMachineArn=first)
    assert (old["stateMachineArn"], old["definition"]) == (first, json.dumps(PASS))
    assert (old["description"], old["creationDate"]) == ("the first", made["creationDate"])
    assert "revisionId" not in old
    new = lab.call("DescribeStateMachine", stateMachineArn=second)
    current = lab.call("DescribeStateMachine", stateMachineArn=machine)
    assert new["revisionId"] == current["revisionId"]
    assert new["creationDate"] == lab.simulation.clock.now() != current["creationDate"]
    assert "description" not in new


def test_a_revision_is_published_once(lab: Lab) -> None:
    machine = lab.create()
    one = lab.call("PublishStateMachineVersion", stateMachineArn=machine, revisionId="INITIAL")
    assert lab.call("PublishStateMachineVersion", stateMachineArn=machine, description="x") == one
    assert publish(lab, machine, PASS) == f"{machine}:1"
    assert publish(lab, machine, PASS, versionDescription="another") == f"{machine}:2"
    assert publish(lab, machine, PASS, versionDescription="another") == f"{machine}:2"
    lab.call("UpdateStateMachine", stateMachineArn=machine, definition=json.dumps(wait(1)))
    revision = lab.call("DescribeStateMachine", stateMachineArn=machine)["revisionId"]
    with refused(
        "ConflictException",
        "Failed to publish the State Machine version for revision INITIAL. The current State Machine "
        f"revision is {revision}.",
    ):
        lab.call("PublishStateMachineVersion", stateMachineArn=machine, revisionId="INITIAL")
    with refused("StateMachineDoesNotExist", f"'{machine}-none'"):
        lab.call("PublishStateMachineVersion", stateMachineArn=f"{machine}-none")


def test_the_same_request_publishes_the_same(lab: Lab) -> None:
    given = {"name": "m", "definition": json.dumps(PASS), "roleArn": ROLE}
    made = lab.call("CreateStateMachine", publish=True, **given)
    assert lab.call("CreateStateMachine", publish=True, **given) == made
    with refused("StateMachineAlreadyExists"):
        lab.call("CreateStateMachine", **given)
    with refused("ValidationException", "Version description can only be set when publish is true"):
        lab.create(name="n", versionDescription="x")


def test_the_number_of_a_deleted_version_is_not_given_again(lab: Lab) -> None:
    machine = lab.create()
    first = publish(lab, machine, wait(1))
    for _ in range(2):  # deleting a missing one is not an error
        assert lab.call("DeleteStateMachineVersion", stateMachineVersionArn=first) == {}
    assert versions(lab, machine) == []
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{first}'"):
        lab.call("DescribeStateMachine", stateMachineArn=first)
    assert publish(lab, machine, wait(2)) == f"{machine}:2"


def test_a_version_is_neither_changed_nor_tagged_nor_deleted_as_a_machine(lab: Lab) -> None:
    version = publish(lab, lab.create(), wait(1))
    with refused("StateMachineDoesNotExist", f"'{version}'"):
        lab.call("UpdateStateMachine", stateMachineArn=version, roleArn=ROLE)
    with refused("ResourceNotFound", f"Resource not found: '{version}'"):
        lab.call("TagResource", resourceArn=version, tags=[{"key": "k", "value": "v"}])
    with refused("ValidationException", "qualified"):
        lab.call("DeleteStateMachine", stateMachineArn=version)


def test_executions_are_started_by_version_and_alias(lab: Lab) -> None:
    machine = lab.create()
    version = publish(lab, machine, wait(7))
    lab.call("UpdateStateMachine", stateMachineArn=machine, definition=json.dumps(PASS))
    named = alias(lab, "prod", (version, 100))
    by_version, by_alias, plain = lab.start(version), lab.start(named), lab.start(machine)
    shown = [lab.call("DescribeExecution", executionArn=arn) for arn in (by_version, by_alias, plain)]
    assert {each["stateMachineArn"] for each in shown} == {machine}
    assert [each.get("stateMachineVersionArn") for each in shown] == [version, version, None]
    assert [each.get("stateMachineAliasArn") for each in shown] == [None, named, None]
    of_version = lab.call("DescribeStateMachineForExecution", executionArn=by_alias)
    assert (of_version["definition"], of_version["stateMachineArn"]) == (json.dumps(wait(7)), machine)

    def listed(arn: str) -> list[str]:
        found = lab.call("ListExecutions", stateMachineArn=arn)["executions"]
        return [each["executionArn"] for each in found]

    assert listed(machine) == [plain, by_alias, by_version]
    assert listed(version) == [by_alias, by_version]
    assert listed(named) == [by_alias]


def test_an_alias_divides_executions_by_weight(lab: Lab) -> None:
    machine = lab.create()
    one, two = publish(lab, machine, wait(1)), publish(lab, machine, wait(2))
    named = alias(lab, "split", (one, 80), (two, 20))
    started = [lab.call("DescribeExecution", executionArn=lab.start(named)) for _ in range(100)]
    first = sum(each["stateMachineVersionArn"] == one for each in started)
    assert 65 < first < 95
    lab.call("UpdateStateMachineAlias", stateMachineAliasArn=named, routingConfiguration=routes((two, 100)))
    assert lab.call("DescribeExecution", executionArn=lab.start(named))["stateMachineVersionArn"] == two


def test_an_alias_is_described_and_changed(lab: Lab) -> None:
    version = publish(lab, lab.create(), wait(1))
    made = lab.simulation.clock.now()
    named = alias(lab, "a-1", (version, 100), description="d")
    shown = {
        "stateMachineAliasArn": named,
        "name": "a-1",
        "description": "d",
        "routingConfiguration": routes((version, 100)),
        "creationDate": made,
        "updateDate": made,
    }
    assert lab.call("DescribeStateMachineAlias", stateMachineAliasArn=named) == shown
    lab.pass_time(3)
    changed = lab.call("UpdateStateMachineAlias", stateMachineAliasArn=named, description="e")
    assert changed == {"updateDate": made + 3}
    shown |= {"description": "e", "updateDate": made + 3}
    assert lab.call("DescribeStateMachineAlias", stateMachineAliasArn=named) == shown
    with refused("ValidationException"):
        lab.call("UpdateStateMachineAlias", stateMachineAliasArn=named)


def test_aliases_are_listed_and_deleted(lab: Lab) -> None:
    machine = lab.create()
    one, two = publish(lab, machine, wait(1)), publish(lab, machine, wait(2))
    named, other = alias(lab, "a-1", (one, 100)), alias(lab, "a-2", (one, 0), (two, 100))

    def listed(arn: str, **given: Any) -> list[str]:
        found = lab.call("ListStateMachineAliases", stateMachineArn=arn, **given)["stateMachineAliases"]
        return [each["stateMachineAliasArn"] for each in found]

    assert (listed(machine), listed(machine, maxResults=1), listed(two)) == ([named, other], [named], [other])
    with refused(
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
        "version: [a-1, a-2]",
    ):
        lab.call("DeleteStateMachineVersion", stateMachineVersionArn=one)
    for _ in range(2):  # deleting a missing one is not an error
        assert lab.call("DeleteStateMachineAlias", stateMachineAliasArn=named) == {}
    assert listed(machine) == [other]
    with refused("ResourceNotFound", "Request references a resource that does not exist."):
        lab.call("DescribeStateMachineAlias", stateMachineAliasArn=named)
    with refused("ResourceNotFound", "Request references a resource that does not exist."):
        lab.call("UpdateStateMachineAlias", stateMachineAliasArn=named, description="f")


def test_the_same_alias_is_found_and_another_one_conflicts(lab: Lab) -> None:
    machine = lab.create()
    one, two = publish(lab, machine, wait(1)), publish(lab, machine, wait(2))
    assert alias(lab, "a", (one, 100), description="d") == alias(lab, "a", (one, 100), description="d")
    says = "an alias with the same name and a different routing configuration already exists."
    with refused("ConflictException", f"Failed to create alias because {says}"):
        alias(lab, "a", (one, 100), description="e")
    with refused("ConflictException", says):
        alias(lab, "a", (two, 100), description="d")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([("M", 100)], "Routing configuration must contain state machine version ARNs. Received: [M]"),
        (
            [("M:1", 50), ("M:1", 50)],
            "contain distinct state machine version ARNs. Received: [M:1, M:1]",
        ),
        (
            [("M:1", 70), ("M:2", 29)],
            "routing configuration weights must equal 100. Received: [70, 29]",
        ),
        (
            [("M:1", 101)],
            "Value '101' at 'routingConfiguration.1.member.weight' failed",
        ),
        (
            [("M:1", 50), ("M:2", 30), ("M:3", 20)],
            "Value '[RoutingConfigurationListItem(stateMachineVersionArn=M:1, weight=50), "
            "RoutingConfigurationListItem(stateMachineVersionArn=M:2, weight=30), "
            "RoutingConfigurationListItem(stateMachineVersionArn=M:3, weight=20)]' at 'routingConfiguration' "
            "failed to satisfy constraint: Member must have length less than or equal to 2",
        ),
    ],
)
def test_a_routing_that_cannot_be(lab: Lab, given: list[tuple[str, int]], says: str) -> None:
    machine = lab.create()
    for seconds in (1, 2, 3):
        publish(lab, machine, wait(seconds))
    with refused("ValidationException", says.replace("M:", f"{machine}:").replace("[M]", f"[{machine}]")):
        alias(lab, "a", *((arn.replace("M", machine), weight) for arn, weight in given))


def test_an_alias_is_of_one_machine_and_of_versions_that_are_there(lab: Lab) -> None:
    one, two = (publish(lab, lab.create(name=name), wait(1)) for name in ("one", "two"))
    with refused("ValidationException", "must belong to the same state machine"):
        alias(lab, "a", (one, 50), (two, 50))
    with refused("ResourceNotFound", "does not exist"):
        alias(lab, "a", (f"{one}7", 100))


@pytest.mark.parametrize("name", ["123", "with blank", "!", "a@"])
def test_a_name_of_an_alias_that_cannot_be(lab: Lab, name: str) -> None:
    version = publish(lab, lab.create(), wait(1))
    pattern = r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"
    with refused(
        "ValidationException",
        f"Value '{name}' at 'name'",
        f"regular expression pattern: {pattern}",
    ):
        alias(lab, name, (version, 100))


def test_versions_come_in_pages(lab: Lab) -> None:
    machine = lab.create()
    for seconds in range(1, 6):
        publish(lab, machine, wait(seconds))
    first = lab.call("ListStateMachineVersions", stateMachineArn=machine, maxResults=3)
    assert versions(lab, machine, nextToken=first["nextToken"]) == [f"{machine}:2", f"{machine}:1"]
    assert len(versions(lab, machine, maxResults=0)) == 5
