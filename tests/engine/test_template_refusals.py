"""CreateStack rejects the same templates as CloudFormation, with a ValidationError, and creates nothing."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from contract import Lab
from refused_templates import REFUSED, Refused


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_create_stack_refuses_it(lab: Lab, case: Refused) -> None:
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in case.parameters.items()]
    with pytest.raises(ClientError) as refused:
        lab.clients.cloudformation.create_stack(
            StackName="refused", TemplateBody=case.text, Parameters=parameters
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert case.says in error["Message"]
    assert "hidden" not in error["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert lab.clients.cloudformation.list_stacks()["StackSummaries"] == []
