"""The fault points in a run, and the faults that fit them."""

from __future__ import annotations

from functools import partial

from sweep_samples import point, seen

from harness.functions.shared.model import FunctionError
from harness.sweep.model import Point
from harness.sweep.points import points
from harness.sweep.variants import fault, variants
from harness.testing import a_seen_call, an_execution, an_invocation

ARN, OTHER = an_execution().arn, an_execution(name="run-2").arn
call = partial(a_seen_call, state="Count", function="Counter", execution=ARN)


def test_calls_tasks_and_invocations_are_points() -> None:
    base = seen(
        calls=(
            call("lambda:Invoke", function="", resource="lambda:invoke", invokes="Counter", bucket="photos"),
            call("s3:ListObjectsV2", bucket="photos"),
            call("s3:ListObjectsV2", bucket="photos"),
        ),
        invocations=[
            an_invocation("counter", payload='{"bucket": "photos"}', state="Count", execution_arn=ARN)
        ],
        functions={"counter": "Counter"},
    )
    found = points(base)
    assert [(p.target, p.label, p.bucket) for p in found] == [
        ("task", "Count: lambda:invoke 1", "photos"),
        ("call", "Count: s3:ListObjectsV2 1", "photos"),
        ("call", "Count: s3:ListObjectsV2 2", "photos"),
        ("function", "Count: invocation of Counter 1", "photos"),
    ]


def test_each_state_of_each_execution_is_counted_by_itself_and_equal_points_are_one() -> None:
    base = seen(
        calls=(
            call("s3:ListBuckets"),
            call("s3:ListBuckets", state="Other"),
            call("s3:ListBuckets", execution=OTHER),
            call("s3:ListBuckets", execution=OTHER),
        )
    )
    assert [p.label for p in points(base)] == [
        "Count: s3:ListBuckets 1",
        "Other: s3:ListBuckets 1",
        "Count: s3:ListBuckets 2",
    ]


def test_requests_that_botocore_repeated_count() -> None:
    base = seen(calls=(call("s3:ListBuckets", attempts=3), call("s3:ListBuckets")))
    assert [p.number for p in points(base)] == [1, 4]


def test_what_no_state_machine_does_is_no_point() -> None:
    assert points(seen(calls=(call("s3:ListBuckets", state="", execution=""),))) == ()


def kinds(of: Point) -> set[tuple[str, str]]:
    return {(variant.kind, variant.label) for variant in variants(of)}


def test_a_listing_call_has_errors_cuts_delays_and_short_pages() -> None:
    found = kinds(point("s3:ListObjectsV2"))
    wanted = {
        ("error", "SlowDown"),
        ("error", "InternalError"),
        ("error", "AccessDenied"),
        ("error", "NoSuchBucket"),
        ("cut", "before"),
        ("cut", "after"),
        ("delay", "5 s"),
        ("delay", "70 s"),
        ("partial", ""),
    }
    assert wanted <= found
    assert not {kind for kind, _ in found} & {"raises", "ends", "twice"}


def test_errors_are_those_of_the_services_own_model() -> None:
    found = kinds(point("stepfunctions:DescribeExecution"))
    assert ("error", "ExecutionDoesNotExist") in found
    assert ("stale", "RUNNING") in found
    assert ("stale", "PENDING_REDRIVE") in found
    assert ("stale", "SUCCEEDED") not in found


def test_a_batch_is_partial_only_when_it_has_several_items() -> None:
    many = {"RequestItems": {"table": [{}, {}]}}
    one = {"RequestItems": {"table": [{}]}}
    assert ("partial", "") in kinds(point("dynamodb:BatchWriteItem", params=many))
    assert ("partial", "") not in kinds(point("dynamodb:BatchWriteItem", params=one))


def test_a_listed_bucket_may_be_gone() -> None:
    assert ("stale", "listed but deleted") in kinds(point("s3:ListBuckets"))


def test_a_task_can_fail_in_its_service_and_a_function_in_itself() -> None:
    task = kinds(point("sns:publish", target="task"))
    assert {kind for kind, _ in task} == {"error", "cut", "delay"}
    function = kinds(point("", target="function"))
    assert {kind for kind, _ in function} == {"raises", "ends", "twice", "delay"}
    assert ("ends", "timeout after") in function


def test_lambda_has_too_many_errors_to_try_each() -> None:
    found = {label for kind, label in kinds(point("lambda:invoke", target="task")) if kind == "error"}
    assert found == {"TooManyRequestsException", "ServiceException", "AccessDeniedException"}


def test_a_task_of_the_sdk_s_integration_is_named_as_its_resource_is() -> None:
    resource = "aws-sdk:sfn:deleteStateMachine"
    base = seen(calls=(call("sfn:DeleteStateMachine", function="", resource=resource),))
    (found,) = points(base)
    assert found.where == {"task": resource, "state": "Count"}
    assert ("error", "InvalidArn") in kinds(found)


def test_a_fault_names_its_place_and_its_times() -> None:
    (variant,) = [v for v in variants(point("s3:ListBuckets")) if v.label == "SlowDown"]
    where = {"call": "s3:ListBuckets", "state": "Count"}
    assert fault(point("s3:ListBuckets", number=2), variant, "once") == {
        **where,
        "nth": 2,
        "error": "SlowDown",
    }
    assert fault(point("s3:ListBuckets", number=2), variant, "ever") == {
        **where,
        "from": 2,
        "error": "SlowDown",
    }


def test_nothing_comes_after_the_work_of_a_function_that_fails_by_itself() -> None:
    def tried(error: FunctionError | None) -> set[str]:
        invocation = an_invocation("counter", error=error, state="Count", execution_arn=ARN)
        (found,) = points(seen(invocations=[invocation], functions={"counter": "Counter"}))
        return {v.label for v in variants(found, ("ends", "raises"))}

    fails, works = tried(FunctionError("KeyError", "'Body'")), tried(None)
    assert fails == {label for label in works if not label.endswith("after")}
    assert {"exit before", "before"} <= fails < works
