"""Values that are compared by format, and values that are not compared."""

from __future__ import annotations

import pytest

from harness.json_types import Json
from harness.rebuilt.forms import SameByForm
from harness.replay.ignoring import skipping
from harness.replay.open_values import mark
from harness.replay.sameness import Differs, Sameness
from harness.replay_settings import IgnoredValue, ignored_path_problem

ONE, OTHER = "01234567-89ab-cdef-0123-456789abcdef", "fedcba98-7654-3210-fedc-ba9876543210"
TOPIC = "arn:aws:sns:{}:{}:{}"
PROD, HERE = TOPIC.format("eu-west-1", "111111111111", "prod"), TOPIC.format("us-east-1", "123456789012", "t")


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (PROD, HERE),
        (f"to {PROD}, {ONE}", f"to {HERE}, {OTHER}"),
        ("https://sqs.eu-west-1.amazonaws.com/111111111111/a", "https://sqs.x.amazonaws.com/222222222222/b"),
        ("2025-11-03 01:02:03,456", "2025-01-01 00:00:00"),
        ("Mon, 03 Nov 2025 01:02:03 GMT", "Wed, 01 Jan 2025 00:00:00 GMT"),
        ("d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"),
        ("(Service: S3; Request ID: 4TK2E; Proxy: null)", "(Service: S3; Request ID: AAAA; Proxy: null)"),
        (1762131723.456, 1735689600),
        ({"a": 1, "SdkHttpMetadata": {"HttpStatusCode": 200}}, {"a": 1, "SdkResponseMetadata": {}}),
        ({"ExecutedVersion": "7"}, {"ExecutedVersion": "$LATEST"}),
        ('{"errorType": "E", "stackTrace": ["1"], "requestId": "x"}', '{"errorType": "E"}'),
    ],
)
def test_what_is_another_in_each_account_is_the_same(expected: Json, seen: Json) -> None:
    assert SameByForm(()).difference({"output": expected}, {"output": seen}) is None


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (PROD, PROD.replace(":sns:", ":sqs:")),
        (f"to {PROD}", f"from {HERE}"),
        (ONE, "2025-01-01"),
        ("7", "8"),
        (7, 8),
        (1762131723, 7),
        ({"SdkHttpMetadata": {}, "a": 1}, {"a": 2}),
        ({"Version": "7"}, {"Version": "8"}),
    ],
)
def test_everything_else_differs(expected: Json, seen: Json) -> None:
    assert SameByForm(()).difference({"output": expected}, {"output": seen}) is not None


def test_numbers_that_are_not_whole_differ_at_once() -> None:
    assert Sameness().difference(1.5, 1.6) == Differs("", 1.5, 1.6)


def test_a_name_that_is_made_of_names() -> None:
    run = "arn:aws:states:{}:{}:mapRun:{}/Each:{}"
    expected = run.format("eu-west-1", "111111111111", "prod-orders", ONE)
    own = {
        "AWS::AccountId": "123456789012",
        "Machine": "arn:aws:states:us-east-1:123456789012:stateMachine:s",
    }
    sameness = SameByForm((), (), {"AWS::AccountId": "111111111111"}, own)
    seen = run.format("us-east-1", mark("AWS::AccountId"), "shop-orders", OTHER)
    assert sameness.difference(expected, seen) is None
    assert sameness.difference(expected, seen.replace("mapRun", "execution")) is not None


def test_the_role_of_the_machine_is_no_part_of_what_it_did() -> None:
    sameness = SameByForm(())
    assert sameness.difference({"roleArn": "a"}, {"roleArn": "b"}) is None
    assert sameness.difference({"input": {"roleArn": "a"}}, {"input": {"roleArn": "b"}}) is not None


def test_a_name_stands_for_the_same_one_everywhere() -> None:
    sameness = SameByForm(())
    assert sameness.difference([PROD, PROD], [HERE, HERE]) is None
    assert sameness.difference(PROD, f"{HERE}2") == Differs("", PROD, f"{HERE}2")
    assert sameness.difference(f"{PROD}2", HERE) == Differs("", f"{PROD}2", HERE)


def test_an_id_or_a_moment_that_both_were_given_must_be_the_same() -> None:
    sameness = SameByForm([f"2025-11-03 {ONE} 1762131723"])
    assert sameness.difference("2025-11-03", "2025-11-04") is not None
    assert sameness.difference(ONE, OTHER) is not None
    assert sameness.difference(1762131723, 1762131724) is not None


def ignoring(path: str, state: str = "") -> Sameness:
    sameness = Sameness().skipping(skipping([IgnoredValue(path, "it is drawn", state)]))
    sameness.of_state("Pay")
    return sameness


@pytest.mark.parametrize(
    "path", ["number", "receipt.number", "*.number", "output.orders[*].receipt.number", "orders[0].receipt"]
)
def test_what_is_ignored_makes_no_difference(path: str) -> None:
    recorded, seen = ({"output": {"orders": [{"receipt": {"number": n}}]}, "b": n} for n in (1, 2))
    assert ignoring(path).difference(recorded, seen) == Differs("b", 1, 2)
    assert ignoring(path, "Pay").difference(recorded, seen) == Differs("b", 1, 2)
    assert ignoring(path, "Ship").difference(recorded, seen) == Differs(
        "output.orders[0].receipt.number", 1, 2
    )


def test_what_is_ignored_may_be_absent() -> None:
    assert ignoring("a.b").difference({"a": {"b": 1}}, {"a": {}}) is None
    assert ignoring("a.b").difference({"a": {}}, {"a": {"b": 1}}) is None
    assert ignoring("a.b").difference({"a": {}}, {"a": {"c": 1}}) is not None


@pytest.mark.parametrize("path", ["ab[1].c", "umber", "a.receipt.number", "orders[1].receipt"])
def test_other_paths_are_not_ignored(path: str) -> None:
    recorded, seen = ({"output": {"orders": [{"receipt": {"number": n}}]}} for n in (1, 2))
    assert ignoring(path).difference(recorded, seen) is not None


@pytest.mark.parametrize("path", ["", ".", "a..b", "$.a", "a[b]", "a]"])
def test_a_path_that_is_none_is_said(path: str) -> None:
    assert "is not a valid path; write names separated by dots" in ignored_path_problem(path)
