"""Service operations that moto supports, derived from method names where possible."""

from __future__ import annotations

import botocore.session
import pytest

from harness.engine.moto.operations import implemented


@pytest.mark.parametrize(
    ("service", "operation", "has"),
    [
        ("sqs", "SendMessage", True),  # operations are named in headers or queries
        ("translate", "TranslateText", False),
        ("glue", "StartBlueprintRun", False),
        # operations are paths, and methods are named after them
        ("bedrock-agent", "CreateKnowledgeBase", True),
        ("bedrock-agent", "CreateDataSource", False),
        ("eks", "CreateCluster", True),
        ("eks", "DescribeAddonVersions", False),
        ("scheduler", "CreateSchedule", True),
        ("batch", "SubmitJob", True),  # paths, and methods with different names
        ("polly", "SynthesizeSpeech", True),
        ("polly", "StartSpeechSynthesisTask", False),  # for these, the path decides
        ("synthetics", "CreateCanary", True),
        ("xray", "PutTraceSegments", True),
        ("cloudfront", "CreateDistribution", True),
        ("apigateway", "CreateRestApi", True),
        ("apigatewayv2", "CreateApi", True),
        ("s3", "ListObjectsV2", True),
        ("lambda", "InvokeAsync", True),  # the harness handles some Lambda operations itself
        ("healthlake", "CreateFHIRDatastore", False),  # moto does not support the service
    ],
)
def test_an_operation_is_there_by_the_name_of_its_method(service: str, operation: str, has: bool) -> None:
    model = botocore.session.get_session().get_service_model(service)

    assert implemented(model.operation_model(operation)) is has
