from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts import PARTS

from usage_report.capacity import (
    MAX_REQUEST_BYTES,
    Frame,
    fits_one,
    most_buckets,
    request_bytes,
    split,
)
from usage_report.create_state_machine import observability
from usage_report.definition import Parts, lead_definition, report_definition, shard_definition
from usage_report.errors import TooManyBuckets
from usage_report.names import MOST_SHARDS, machine_name, shard_arn

SHORT = Parts("a:b:c", "a:b:c", "a:b:c", "a:b:c", "b", 60, most_buckets=5_000)
RUN = "0b7c9b1c-6a51-4f0e-8f3a-0123456789ab"
ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:" + machine_name("usage-51af3dc0-report-", RUN)
FRAME = Frame(ARN, "arn:aws:iam::123456789012:role/s3-usage-report-ReportRole-ABCDEFGHIJKL", {})

LOGS = observability(
    "ALL", "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/states/report", True
)


def buckets(count: int, characters: int = 25) -> list[str]:
    return [f"{n:06}".rjust(characters, "b") for n in range(count)]


def test_a_thousand_buckets_fit_into_one_request() -> None:
    tags = [{"key": f"cost-centre-{n}", "value": "a team of the house"} for n in range(40)]
    parts = replace(
        PARTS, selected={"include": "logs-*, data-*", "exclude": "*-tmp", "account_buckets": 1_000}
    )
    frame = replace(FRAME, settings={"tags": tags, **LOGS})
    request = frame.request(ARN, report_definition(buckets(1_000), parts))
    assert request_bytes(request) <= MAX_REQUEST_BYTES
    assert fits_one(buckets(1_000), frame, parts)
    assert not fits_one(buckets(1_001), frame, parts)


def test_the_size_is_what_goes_over_the_wire(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    sent: list[bytes] = []
    sfn.meta.events.register_first("before-call.*.*", lambda params, **_: sent.append(params["body"]))
    answers.add_response("create_state_machine", {"stateMachineArn": "a", "creationDate": 0})
    frame = replace(FRAME, settings={"tags": [{"key": "team", "value": "storage"}]})
    request = frame.request(ARN, report_definition(buckets(3), PARTS))
    sfn.create_state_machine(**request)
    assert [len(body) for body in sent] == [request_bytes(request)]


def test_tags_take_room() -> None:
    tags = [{"key": f"{n:0128}", "value": "v" * 256} for n in range(50)]
    assert not fits_one(buckets(1_000, 30), replace(FRAME, settings={"tags": tags}), PARTS)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4_000),
    st.sampled_from([6, 25, 63]),
    st.sampled_from([7, 400, 1_000]),
)
def test_each_bucket_is_in_one_shard_and_each_shard_fits(count: int, characters: int, most: int) -> None:
    names = buckets(count, characters)
    parts = replace(PARTS, most_buckets=max(most, count // MOST_SHARDS + 1))
    places = split(names, FRAME, parts)
    assert [number for place in places for number in place] == list(range(count))
    assert max(map(len, places)) - min(map(len, places)) <= 1
    assert max(map(len, places)) <= parts.most_buckets
    for place in (places[0], places[-1]):
        definition = shard_definition(names[place.start : place.stop], place.start, parts)
        arn = shard_arn(ARN, len(places))
        assert request_bytes(FRAME.request(arn, definition)) <= MAX_REQUEST_BYTES


def test_shards_are_as_few_as_can_be() -> None:
    assert list(map(len, split(buckets(2_500), FRAME, PARTS))) == [833, 833, 834]
    assert len(split(buckets(10_000), FRAME, PARTS)) == 10
    assert len(split(buckets(100_000), FRAME, PARTS)) == 100


def test_the_history_limits_the_buckets_where_the_request_does_not() -> None:
    assert most_buckets(SHORT) == 1_135
    short = replace(FRAME, machine_arn="a:b")
    assert fits_one(buckets(1_135, 6), short, SHORT)
    assert not fits_one(buckets(1_136, 6), short, SHORT)


@pytest.mark.parametrize(
    ("at_once", "machines", "most"),
    [(0, 1, 1_000), (10, 1, 624), (999, 1, 624), (1_000, 1, 1_000), (1_000, 2, 624)],
)
def test_buckets_that_may_have_to_wait_for_functions_fit_the_history(
    at_once: int, machines: int, most: int
) -> None:
    parts = replace(PARTS, most_listed=at_once, lanes=machines)
    assert most_buckets(parts) == most
    assert fits_one(buckets(most), FRAME, parts)
    assert not fits_one(buckets(most + 1), FRAME, parts)


@pytest.mark.parametrize(("characters", "most"), [(6, 1), (25, 3)])
def test_too_many_buckets_are_refused_with_the_exact_limit(characters: int, most: int) -> None:
    names, parts = buckets(3_000, characters), replace(PARTS, most_buckets=most)
    with pytest.raises(
        TooManyBuckets, match=r"^3,000 buckets are too many .* would fit, .*include"
    ) as refusal:
        split(names, FRAME, parts)
    limit = int(str(refusal.value).split("one report: ")[1].split(" ")[0].replace(",", ""))
    assert limit == most * MOST_SHARDS
    assert len(split(names[:limit], FRAME, parts)) == MOST_SHARDS


def test_a_lead_of_the_most_shards_fits_with_the_longest_names_and_tags() -> None:
    run_id = "r" * 80
    states = "arn:aws-us-gov:states:us-gov-west-1:123456789012:stateMachine:"
    lead = states + machine_name("usage-51af3dc0-report-", run_id)
    arns = [shard_arn(lead, number) for number in range(1, MOST_SHARDS + 1)]
    tags = [{"key": f"{n:0128}", "value": "v" * 256} for n in range(50)]
    request = Frame(lead, FRAME.role_arn, {"tags": tags}).request(lead, lead_definition(arns, run_id, PARTS))
    assert request_bytes(request) <= MAX_REQUEST_BYTES
