import hashlib
import json
from typing import Any

import pytest
from botocore.stub import ANY

from usage_report.manifest import NAMES_AN_ITEM, Manifest, ManifestIncomplete, find, keep

SELECTED = {"include": "", "exclude": "tmp-*", "account_buckets": 4}
NAMES = [f"bucket-{n:05}" for n in range(NAMES_AN_ITEM + 1)]


def put(key: str, names: str | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {
        "run_id": {"S": "run-1"},
        "expires_at": {"N": "99"},
        "bucket_extension": {"S": key},
    }
    if names is not None:
        return {"TableName": "usage", "Item": {**item, "names": {"S": names}}}
    told = {"bucket_count": {"N": str(len(NAMES))}, "selected": {"S": json.dumps(SELECTED)}}
    head = {**item, "digest": ANY, **told}
    condition = "attribute_not_exists(bucket_extension)"
    return {"TableName": "usage", "Item": head, "ConditionExpression": condition}


def kept(digest: str, count: int, *chunks: str) -> dict[str, Any]:
    """The Query response with a manifest."""
    head = {
        "bucket_extension": {"S": "#buckets"},
        "digest": {"S": digest},
        "bucket_count": {"N": str(count)},
        "selected": {"S": json.dumps(SELECTED)},
    }
    items = [
        {"bucket_extension": {"S": f"#buckets/{digest}/{number}"}, "names": {"S": names}}
        for number, names in enumerate(chunks)
    ]
    return {"Items": [head, *items]}


def digest_of(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


def test_the_names_are_written_first_and_then_that_they_are_there(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    digest = digest_of(NAMES)
    answers.add_response("put_item", {}, put(f"#buckets/{digest}/0", " ".join(NAMES[:-1])))
    answers.add_response("put_item", {}, put(f"#buckets/{digest}/1", NAMES[-1]))
    answers.add_response("put_item", {}, put("#buckets"))
    assert keep(dynamodb, "usage", "run-1", NAMES, SELECTED, 99) == Manifest(NAMES, False, SELECTED)


def test_the_first_try_that_is_there_decides(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    answers.add_response("put_item", {})
    answers.add_client_error(
        "put_item", "ConditionalCheckFailedException", "The conditional request failed", 400
    )
    found = kept("d", 3, "a b c")
    found["Items"].append({"bucket_extension": {"S": "#buckets/other/0"}, "names": {"S": "x y"}})
    answers.add_response("query", found)
    assert keep(dynamodb, "usage", "run-1", ["x", "y"], {}, 99) == Manifest(["a", "b", "c"], True, SELECTED)


def test_a_run_without_a_manifest_has_none(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    answers.add_response(
        "query", {"Items": [{"bucket_extension": {"S": "#buckets/d/0"}, "names": {"S": "a"}}]}
    )
    assert find(dynamodb, "usage", "run-1") is None


def test_lost_names_are_not_taken_for_no_names(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    answers.add_response("query", kept("d", NAMES_AN_ITEM + 1, " ".join(NAMES[:-1])))
    with pytest.raises(
        ManifestIncomplete, match=r"the table usage no longer has the names of all buckets of run run-1"
    ):
        find(dynamodb, "usage", "run-1")


def test_an_item_of_the_longest_names_fits_into_the_table() -> None:
    assert NAMES_AN_ITEM * (255 + 1) + 500 < 409_600
