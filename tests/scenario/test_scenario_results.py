"""Sample results, valid for AWS's models and botocore's own validator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from harness.json_types import Json
from harness.scenario import aws_names
from harness.scenario.aws_names import Shape
from harness.scenario.results.check import findings, names_of
from harness.scenario.results.models import ResultModel, model_of, submitted_model
from harness.scenario.results.sample import sample, sample_value
from harness.stepfunctions.integrations.optimized import OPTIMIZED

RESOURCES = [
    f"{service}:{action}{'.' * bool(pattern)}{pattern}"
    for service, actions in OPTIMIZED.items()
    for action, integration in actions.items()
    for pattern in integration.patterns
]
WITHOUT_MODEL = {"eks:runJob", "eks:runJob.sync"}
# One with unions, one with many required members, and one with documents.
SAMPLED = ("bedrock-runtime", "sagemaker", "bedrock-agentcore")


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_optimized_integration_has_a_model_and_samples(resource: str) -> None:
    model = model_of(resource)
    assert (model is None) == (resource in WITHOUT_MODEL or resource.endswith(".waitForTaskToken"))
    for wanted in (None, (), ("Status",)):
        assert list(findings(model, sample(model, wanted), ("result",))) == []
    submitted = submitted_model(resource)
    assert list(findings(submitted, sample(submitted, ()), ("result",))) == []


def test_a_sample_has_what_is_read_of_it() -> None:
    model = model_of("ecs:runTask.sync")
    assert sample(model, ("ExitCode", "StoppedReason")) == {
        "Containers": [{"ExitCode": 0}],
        "StoppedReason": "stoppedReason",
    }
    assert sample(model_of("glue:startJobRun.sync"), ("JobRunState",)) == {"JobRunState": "SUCCEEDED"}


@pytest.mark.parametrize("service", SAMPLED)
def test_samples_of_operations_are_valid(service: str) -> None:
    assert list(_wrong(service)) == []


@pytest.mark.thorough
def test_samples_of_all_operations_are_valid() -> None:
    assert [each for service in aws_names.service_names() for each in _wrong(service)] == []


def _wrong(service: str) -> Iterator[str]:
    """The operations of a service with a sample that one of both validators refuses."""
    described = aws_names.service(service)
    aws_names.service.cache_clear()  # all of them together are 1 GB
    if described is None:
        return
    session: Any = botocore.session.Session()
    model = session.get_service_model(service)
    for operation in described.operations:
        shape = described.output(operation)
        for wanted in (None, ()):
            result = ResultModel(f"{service}:{operation}", shape)
            made = sample(result, wanted)
            if found := list(findings(result, made, ("result",))):
                yield f"{service}:{operation}: {found[0]}"
            if shape is not None:
                report = ParamValidator().validate(
                    _of_api(shape, made), model.operation_model(operation).output_shape
                )
                if report.has_errors():
                    yield f"{service}:{operation}: {report.generate_report()}"


def _of_api(shape: Shape, value: Json) -> Json:
    """A value with the API's names of members."""
    if isinstance(value, list):
        return [_of_api(shape.inner, each) for each in value]
    if not isinstance(value, dict) or shape.is_json:
        return value
    if shape.kind == "map":
        return {key: _of_api(shape.inner, each) for key, each in value.items()}
    names = names_of(shape, java=False)
    return {names[key]: _of_api(shape.members[names[key]], each) for key, each in value.items()}


def test_a_sample_of_a_number_of_dynamodb_is_a_number() -> None:
    model = model_of("dynamodb:getItem")
    assert model is not None
    assert model.shape is not None
    attribute = model.shape.members["Item"].inner
    assert sample_value(attribute.members["N"], "N") == "0"
