"""Engine features beyond the AWS API."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from contract import Lab

from harness.engine import ENGINES, EngineKind, engine_named
from harness.engine.base import Capability, Options
from harness.engine.clients import SERVICES, Clients
from harness.functions.shared.model import Fault


def test_engines_have_names_of_their_own() -> None:
    names = [engine.name for engine in ENGINES]
    assert len(set(names)) == len(names)
    assert [engine_named(name) for name in names] == list(ENGINES)


def test_an_unknown_engine_lists_the_known_ones() -> None:
    with pytest.raises(LookupError) as caught:
        engine_named("azure")
    assert all(engine.name in str(caught.value) for engine in ENGINES)


@pytest.mark.parametrize("kind", ENGINES, ids=lambda kind: kind.name)
def test_an_engine_that_was_never_started_describes_itself_and_may_be_stopped(kind: EngineKind) -> None:
    found = kind.availability_with(Options())
    if isinstance(kind, type):
        kind().stop()
    assert kind.summary
    assert found.detail
    assert found.usable or found.remedy


def test_the_endpoint_is_on_this_machine_with_keys_that_are_none(lab: Lab) -> None:
    endpoint = lab.clients.endpoint
    assert urlsplit(endpoint.url).hostname == "127.0.0.1"
    assert endpoint.env["AWS_ENDPOINT_URL"] == endpoint.url
    assert not endpoint.access_key_id.startswith(("AKIA", "ASIA"))


def test_every_client_goes_to_the_endpoint_whatever_the_environment_says(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_LAMBDA", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1")
    monkeypatch.setenv("AWS_PROFILE", "production")
    clients = Clients(lab.clients.endpoint)
    for service in (*SERVICES, "lambda", "logs"):
        client = clients.client(service)
        assert client.meta.endpoint_url == lab.clients.endpoint.url
        assert client._request_signer._credentials.access_key == lab.clients.endpoint.access_key_id
    assert clients.s3.list_buckets()["Buckets"] == []


def test_reset_forgets_what_every_service_has(lab: Lab) -> None:
    clients = lab.clients
    machine = lab.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    clients.stepfunctions.start_execution(stateMachineArn=machine, name="running", input="{}")
    clients.s3.create_bucket(Bucket="photos")
    clients.sns.create_topic(Name="news")
    clients.sqs.create_queue(QueueName="inbox")
    lab.deploy({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, {})
    if Capability.FAULTS in lab.engine.capabilities:
        lab.engine.set_faults(
            [Fault("error", "call", "s3", "ListBuckets", arguments={"error": "AccessDenied"})]
        )

    clients = Clients(lab.engine.reset())

    assert clients.s3.list_buckets()["Buckets"] == []
    assert clients.sns.list_topics()["Topics"] == []
    assert not clients.sqs.list_queues().get("QueueUrls")
    assert clients.stepfunctions.list_state_machines()["stateMachines"] == []
    assert clients.cloudformation.describe_stacks()["Stacks"] == []
    assert clients.iam.list_roles()["Roles"] == []
    assert lab.engine.invocations() == ()
    if Capability.FAULTS in lab.engine.capabilities:
        assert lab.engine.fired() == {}


def test_a_name_may_be_used_again_after_a_reset(lab: Lab) -> None:
    for _ in range(2):
        lab.clients = Clients(lab.engine.reset())
        lab.clients.s3.create_bucket(Bucket="photos")
        execution = lab.execute(
            lab.clients.stepfunctions.create_state_machine(
                name="again",
                definition='{"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}',
                roleArn=lab.role_arn,
            )["stateMachineArn"]
        )
        assert execution.status == "SUCCEEDED"


def test_an_engine_that_lives_is_fine(lab: Lab) -> None:
    lab.engine.check()
