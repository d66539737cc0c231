"""Which operations of services moto has: by its methods' names, where these decide."""

from __future__ import annotations

import botocore.session
import pytest

from harness.engine.moto.operations import implemented


@pytest.mark.parametrize(
    ("service", "operation", "has"),
    [
        ("sqs", "SendMessage", True),  # operations are in headers or queries
        ("translate", "TranslateText", False),
        ("glue", "StartBlueprintRun", False),
        ("bedrock-agent", "CreateKnowledgeBase", True),  # operations are paths, methods have their names
        ("bedrock-agent", "CreateDataSource", False),
        ("eks", "CreateCluster", True),
        ("eks", "DescribeAddonVersions", False),
        ("scheduler", "CreateSchedule", True),
        ("batch", "SubmitJob", True),  # paths, and methods with names of their own
        ("polly", "SynthesizeSpeech", True),
        ("polly", "StartSpeechSynthesisTask", False),  # of these the path decides
        ("synthetics", "CreateCanary", True),
        ("xray", "PutTraceSegments", True),
        ("cloudfront", "CreateDistribution", True),
        ("apigateway", "CreateRestApi", True),
        ("apigatewayv2", "CreateApi", True),
        ("s3", "ListObjectsV2", True),
        ("lambda", "InvokeAsync", True),  # the harness answers some of Lambda's itself
        ("healthlake", "CreateFHIRDatastore", False),  # moto does not have the service
    ],
)
def test_an_operation_is_there_by_the_name_of_its_method(service: str, operation: str, has: bool) -> None:
    model = botocore.session.get_session().get_service_model(service)

    assert implemented(model.operation_model(operation)) is has
