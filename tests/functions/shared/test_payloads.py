"""Finding the bucket that a payload, task parameters or a call refers to."""

from __future__ import annotations

from typing import Any

import pytest

from harness.functions.shared.payloads import bucket_of, bucket_of_call


@pytest.mark.parametrize(
    ("payload", "bucket"),
    [
        ({"bucket": "photos"}, "photos"),
        ({"Bucket": "photos"}, "photos"),
        ({"bucket": {"name": "photos"}, "Bucket": "attic"}, "attic"),
        ({"FunctionName": "list", "Payload": {"bucket": "photos"}}, "photos"),
        ({"FunctionName": "list", "Payload": '{"bucket": "photos"}', "Bucket": "attic"}, "attic"),
        ({"Payload": {"bucket": "photos"}}, ""),  # from an unrelated call
        ({}, ""),
        (["bucket"], ""),
        (None, ""),
    ],
)
def test_the_bucket_that_a_payload_names(payload: Any, bucket: str) -> None:
    assert bucket_of(payload) == bucket


def test_a_parameter_of_the_call_comes_first() -> None:
    assert bucket_of_call({"Bucket": "photos"}, {"bucket": "attic"}) == "photos"
    assert bucket_of_call({"TopicArn": "t"}, {"bucket": "attic"}) == "attic"
