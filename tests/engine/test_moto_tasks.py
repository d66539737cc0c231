"""Tasks on the embedded engine: parameters and results of its services, and unsupported services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from contract import Lab, output_of

from harness.engine.moto.engine import MotoEngine
from harness.stepfunctions.unserved_state import UnservedState


@pytest.fixture(autouse=True)
def _embedded(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("of the embedded engine")


def task(resource: str, parameters: Any, **fields: Any) -> dict[str, Any]:
    arn = f"arn:aws:states:::{resource}"
    return {"T": {"Type": "Task", "Resource": arn, "Parameters": parameters, "End": True, **fields}}


@pytest.fixture(scope="module")
def table(lab: Lab) -> str:
    lab.clients.dynamodb.create_table(
        TableName="plain",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    return "plain"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("kendra", "list_indices", {}),
        ("translate", "list_languages", {}),
        ("chime", "list_accounts", {}),
        ("healthlake", "list_fhir_datastores", {}),
        ("location", "list_maps", {}),
        ("bedrock-runtime", "converse", {"modelId": "m", "messages": []}),
        ("polly", "list_speech_synthesis_tasks", {}),  # a service with paths, none of which matches
    ],
)
def test_a_service_that_is_not_there_says_so_at_once(
    lab: Lab, service: Any, operation: str, parameters: dict[str, Any]
) -> None:
    endpoint = lab.clients.endpoint
    client: Any = lab.clients.session.client(
        service,
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        aws_session_token=endpoint.session_token or None,
        config=Config(inject_host_prefix=False),
    )
    with pytest.raises(ClientError) as raised:
        getattr(client, operation)(**parameters)
    response: Any = raised.value.response
    name = service.removesuffix("-runtime")
    assert f"the embedded engine supports {name}, but not this" in str(raised.value) or (
        f"the embedded engine does not support {name}" in str(raised.value)
    )
    metadata = response["ResponseMetadata"]
    assert (response["Error"]["Code"], metadata["HTTPStatusCode"]) == ("NotImplemented", 501)
    assert metadata["RetryAttempts"] == 0


def test_a_text_is_a_value_of_dynamodb(lab: Lab, table: str) -> None:
    """The SDK for Java converts it to a value of type S; five AWS samples rely on that."""
    item = {"id.$": "$.id", "n": {"N.$": "States.Format('{}', $.n)"}}
    put = task("dynamodb:putItem", {"TableName": table, "Item": item})
    assert lab.play(put, {"id": "a", "n": 5}).status == "SUCCEEDED"
    got = task("dynamodb:getItem", {"TableName": table, "Key": {"id.$": "$.id"}})
    assert output_of(lab.play(got, {"id": "a"}))["Item"] == {"id": {"S": "a"}, "n": {"N": "5"}}
    change = {
        "TableName": table,
        "Key": {"id": "a"},
        "UpdateExpression": "SET k = :v",
        "ExpressionAttributeValues": {":v.$": "$.v"},
        "ReturnValues": "UPDATED_NEW",
    }
    changed = output_of(lab.play(task("dynamodb:updateItem", change), {"v": "new"}))
    assert changed["Attributes"] == {"k": {"S": "new"}}


def test_members_of_the_java_sdk_reach_the_service(lab: Lab, table: str) -> None:
    item = {"id": {"S": "java"}, "b": {"Bool": True}, "s": {"Ss": ["x"]}, "z": {"Nul": True}}
    assert (
        lab.play(task("aws-sdk:dynamodb:putItem", {"TableName": table, "Item": item})).status == "SUCCEEDED"
    )
    found = lab.clients.dynamodb.get_item(TableName=table, Key={"id": {"S": "java"}})["Item"]
    assert found == {"id": {"S": "java"}, "b": {"BOOL": True}, "s": {"SS": ["x"]}, "z": {"NULL": True}}


def test_a_parameter_that_is_missing_is_the_services_error(lab: Lab, table: str) -> None:
    execution = lab.play(task("aws-sdk:dynamodb:putItem", {"TableName": table}))
    assert execution.error == "DynamoDb.DynamoDbException"
    assert execution.cause is not None
    assert execution.cause.startswith(
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: "
        "Member must not be null (Service: DynamoDb, Status Code: 400, Request ID: "
    )


def test_events_are_sent(lab: Lab) -> None:
    entry = {"Detail": {"a": 1}, "DetailType": "x", "Source": "s"}
    output = output_of(lab.play(task("events:putEvents", {"Entries": [entry, entry]})))
    assert list(output) == ["FailedEntryCount", "Entries"] or list(output) == ["Entries", "FailedEntryCount"]
    assert output["FailedEntryCount"] == 0
    assert all(isinstance(sent["EventId"], str) for sent in output["Entries"])


def test_an_event_whose_detail_is_no_object_is_malformed(lab: Lab) -> None:
    """As recorded on AWS."""
    entry = {"Source": "s", "DetailType": "x"}
    entries = [{**entry, "Detail": "{}"}, {**entry, "Detail": '"text"'}]
    execution = lab.play(task("events:putEvents", {"Entries": entries}))
    assert execution.error == "EventBridge.FailedEntry"
    _, failed = json.loads(execution.cause or "")["Entries"]
    assert failed == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def test_an_event_that_fails_fails_the_task(lab: Lab) -> None:
    """As recorded on AWS."""
    entries = [{"Detail": {"a": 1}, "DetailType": "x"}]
    execution = lab.play(task("events:putEvents", {"Entries": entries}))
    assert execution.error == "EventBridge.FailedEntry"
    cause = json.loads(execution.cause or "")
    assert cause["FailedEntryCount"] == 1
    assert cause["Entries"][0]["ErrorCode"] == "InvalidArgument"


def test_an_integration_with_region_and_account_is_the_same(lab: Lab) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:aws-sdk:s3:listBuckets"
    execution = lab.play({"T": {"Type": "Task", "Resource": arn, "Parameters": {}, "End": True}})
    assert output_of(execution)["Buckets"] == []


def test_a_deployment_of_what_aws_refuses_fails(lab: Lab) -> None:
    with pytest.raises(
        ClientError, match=r"SCHEMA_VALIDATION_FAILED: The resource provided .* is not recognized"
    ):
        lab.machine(task("aws-sdk:s3:ListBuckets", {}))


@pytest.mark.parametrize(
    ("resource", "served"),
    [
        ("glue:startJobRun.sync", False),
        ("aws-sdk:translate:translateText", False),
        ("aws-sdk:dynamodb:describeContributorInsights", False),
        ("aws-sdk:sfn:redriveExecution", False),
        ("aws-sdk:dynamodb:query", True),
        ("aws-sdk:ec2:describeInstances", True),
        ("aws-sdk:sfn:listExecutions", True),
        ("events:putEvents", True),
    ],
)
def test_what_is_not_served_is_known_before_a_run(lab: Lab, resource: str, served: bool) -> None:
    parameters: dict[str, Any] = {"JobName": "x"} if "glue" in resource else {}
    if "events" in resource:
        parameters = {"Entries": []}
    machine = lab.machine(task(resource, parameters))
    arn = f"arn:aws:states:::{resource}"
    expected = {} if served else {machine: [UnservedState("T", arn)]}
    assert lab.engine.unserved_states([machine]) == expected


def test_lambda_is_not_waited_for_when_it_gets_an_event(lab: Lab) -> None:
    execution = lab.play(task("lambda:invoke", {"FunctionName": "none", "InvocationType": "Event"}))
    assert execution.error == "Lambda.ResourceNotFoundException"
