from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from expect_samples import message, seen

from harness.acceptance import Acceptance
from harness.expect import BUILT_IN
from harness.expect.compare import accepted, compare
from harness.observe.access import Access
from harness.scenario.load import parse

SCENARIO = parse("title: x\nexpect: {items: {UsageTable: {count: 0}}}\n", BUILT_IN, Path("x.yaml"))


def test_what_is_within_the_limits_is_fine() -> None:
    assert compare(SCENARIO, seen(messages=(message("s" * 99, "m" * 262_144),))) == ()


def test_a_limit_that_is_exceeded_is_a_mismatch_with_its_source() -> None:
    text, line = compare(SCENARIO, seen(messages=(message("s\n", "m" * 262_145),)))
    assert text.summary == (
        "AWS would refuse this: a message of topic ReportTopic: an SNS message may have at most "
        "262,144 bytes, this has 262,145 (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)"
    )
    assert (text.expectation, text.expected, text.seen) == (
        "limits",
        "an SNS message: at most 262,144 bytes",
        "262,145 bytes",
    )
    assert "may have no line breaks or control characters, this has 1 (" in line.summary


def test_a_limit_can_be_accepted_by_its_name() -> None:
    entries = (
        Acceptance("a test of the limit", limit="sns-message"),
        Acceptance("never", limit="sqs-message"),
    )
    told = seen(messages=(message("s\n", "m" * 262_145),))
    told = replace(told, access=Access(accepted=entries))
    (line,) = compare(SCENARIO, told)
    assert "line breaks" in line.summary
    (note,) = accepted(told)
    assert (note.heading, note.subject, note.text) == ("accepted", "sns-message", "a test of the limit")
