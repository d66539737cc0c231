import json
from typing import Any

import pytest
from awslambdaric.lambda_runtime_marshaller import to_json
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from usage_report import aws, list_objects
from usage_report.errors import MoreKeys, Transient
from usage_report.lanes import NOTHING, Lanes, Listed
from usage_report.list_objects import outcome_of
from usage_report.ranges import FIRST_PAGES


def outcome(s3: Any, bucket: str) -> Any:
    """The outcome for a bucket if there is enough time; an error if the time may run out."""
    listed, error = Lanes(s3, bucket, 1, lambda: False).list()
    found = outcome_of(listed, error)
    if found is None:
        assert error is not None
        raise error
    return found


def page(*objects: tuple[str, int], more: str = "") -> dict[str, Any]:
    listed = {"Contents": [{"Key": key, "Size": size} for key, size in objects]} if objects else {}
    return {**listed, "IsTruncated": bool(more), **({"NextContinuationToken": more} if more else {})}


def test_pages_add_up(stubbed: Any) -> None:
    s3, answers = stubbed("s3")
    answers.add_response("list_objects_v2", page(("a.jpg", 1), ("b.jpg", 2), more="t"), {"Bucket": "photos"})
    second = {"Bucket": "photos", "ContinuationToken": "t"}
    answers.add_response("list_objects_v2", page(("c.txt", 5)), second)
    answered = json.loads(to_json(outcome(s3, "photos")))
    assert answered == {
        "status": "COUNTED",
        "extensions": {".jpg": [2, 3], ".txt": [1, 5]},
        "object_count": 3,
        "total_bytes": 8,
    }


def test_an_empty_bucket_is_counted(stubbed: Any) -> None:
    s3, answers = stubbed("s3")
    answers.add_response("list_objects_v2", page())
    found = outcome(s3, "attic")
    assert found == {"status": "COUNTED", "extensions": {}, "object_count": 0, "total_bytes": 0}


@pytest.mark.parametrize(
    ("code", "http", "status"),
    [
        ("AccessDenied", 403, "DENIED"),
        ("AllAccessDisabled", 403, "DENIED"),
        ("NoSuchBucket", 404, "DELETED"),
        ("InvalidRequest", 400, "FAILED"),
    ],
)
def test_permanent_problems_are_values(stubbed: Any, code: str, http: int, status: str) -> None:
    s3, answers = stubbed("s3")
    answers.add_client_error("list_objects_v2", code, "Not for you", http)
    found = outcome(s3, "secret")
    assert found == {"status": status, "reason": f"{code}: Not for you"}


def test_a_bucket_that_goes_while_it_is_listed_is_deleted_and_not_counted_in_part(stubbed: Any) -> None:
    s3, answers = stubbed("s3")
    answers.add_response("list_objects_v2", page(("a.jpg", 1), more="t"))
    answers.add_client_error("list_objects_v2", "NoSuchBucket", "gone", 404)
    assert outcome(s3, "gone") == {"status": "DELETED", "reason": "NoSuchBucket: gone"}


@pytest.mark.parametrize(("code", "http"), [("SlowDown", 503), ("InternalError", 500), ("Throttling", 400)])
def test_what_may_succeed_later_is_raised_as_transient(stubbed: Any, code: str, http: int) -> None:
    s3, answers = stubbed("s3")
    answers.add_client_error("list_objects_v2", code, "later", http)
    with pytest.raises(Transient, match="later"), aws.transient_errors():
        outcome(s3, "busy")


def test_a_broken_connection_is_transient_and_other_errors_are_not() -> None:
    with pytest.raises(Transient), aws.transient_errors():
        raise ReadTimeoutError(endpoint_url="https://s3")
    with pytest.raises(ClientError), aws.transient_errors():
        raise ClientError({"Error": {"Code": "ValidationException"}}, "Query")


@pytest.mark.parametrize("unanswered", [ReadTimeoutError, EndpointConnectionError])
def test_what_was_listed_is_kept_also_when_s3_does_not_answer(unanswered: type[BotoCoreError]) -> None:
    assert outcome_of(NOTHING, unanswered(endpoint_url="https://s3")) is None


@pytest.mark.parametrize(("pages", "raised"), [(FIRST_PAGES - 1, Transient), (FIRST_PAGES, MoreKeys)])
def test_errors_after_many_pages_do_not_use_up_the_bucket_s_tries(
    monkeypatch: pytest.MonkeyPatch, pages: int, raised: type[Exception]
) -> None:
    answer = {"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    listed = Listed({}, (("m", None),), 40 + pages)
    saved = []

    class Kept:
        def __init__(self, *_: Any) -> None: ...

        def load(self) -> tuple[int, Listed]:
            return 3, Listed({}, (("g", None),), 40)

        def save(self, *given: Any) -> None:
            saved.append(given)

    class Slowed:
        def __init__(self, *_: Any) -> None: ...

        def list(self, _: Listed) -> tuple[Listed, Exception]:
            return listed, ClientError(answer, "ListObjectsV2")

    monkeypatch.setattr(list_objects, "Progress", Kept)
    monkeypatch.setattr(list_objects, "Lanes", Slowed)
    monkeypatch.setenv("TABLE_NAME", "T")
    monkeypatch.setenv("LISTING_LANES", "8")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    event = {"bucket": "archive", "run_id": "run-1", "state": {"RetryCount": 3}}
    with pytest.raises(raised, match="SlowDown"):
        list_objects.handler(event, None)
    assert saved == ([(listed, 3)] if raised is MoreKeys else [])


def test_the_result_stays_below_the_payload_limit(stubbed: Any) -> None:
    s3, answers = stubbed("s3")
    answers.add_response("list_objects_v2", page(*((f"k.{'é' * 10}{n}", 10**12 + n) for n in range(5_000))))
    found = outcome(s3, "many")
    wrapped = {"bucket": "b" * 63, "run_id": "é" * 80, "counted": found}
    assert len(json.dumps(wrapped)) < 262_144
    assert sum(count for count, _ in found["extensions"].values()) == 5_000
    assert sum(size for _, size in found["extensions"].values()) == found["total_bytes"]
    assert found["extensions"]["(other)"][0] > 0
