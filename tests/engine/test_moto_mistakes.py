"""Exceptions that count as caller errors: those caused by the content of the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.engine.moto.mistakes import mistake_in


def environ(service: str, target: str) -> dict[str, Any]:
    scope = f"Credential=key/20260101/us-east-1/{service}/aws4_request, Signature=x"
    return {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}", "HTTP_X_AMZ_TARGET": target}


@pytest.mark.parametrize(
    ("operation", "given", "missing", "code"),
    [
        ("DescribeCases", {"caseIdList": ["a", "b"]}, "b", "CaseIdNotFound"),
        ("DescribeCases", {"caseIdList": ["a"]}, "c", None),  # not from the request: a bug
        ("DescribeCases", {}, "a", None),
        ("DescribeServices", {"language": "a"}, "a", None),  # an operation without such an error
    ],
)
def test_a_lookup_without_a_result_is_a_mistake_where_the_request_names_it(
    operation: str, given: dict[str, Any], missing: str, code: str | None
) -> None:
    target = environ("support", f"AWSSupport_20130415.{operation}")

    mistake = mistake_in(target, json.dumps(given).encode(), KeyError(missing))

    assert (mistake.code if mistake else None) == code
