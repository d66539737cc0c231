from __future__ import annotations

from pathlib import Path

from expect_samples import message, seen

from harness.expect import BUILT_IN
from harness.expect.compare import compare
from harness.scenario.load import parse

SCENARIO = parse("title: x\nexpect: {items: {UsageTable: {count: 0}}}\n", BUILT_IN, Path("x.yaml"))


def test_what_is_within_the_limits_is_fine() -> None:
    assert compare(SCENARIO, seen(messages=(message("s" * 99, "m" * 262_144),))) == ()


def test_a_limit_that_is_exceeded_is_a_mismatch_with_its_source() -> None:
    text, line = compare(SCENARIO, seen(messages=(message("s\n", "m" * 262_145),)))
    assert text.summary == (
        "AWS would refuse this: a message of topic ReportTopic: a message of SNS may have at most "
        "262,144 bytes, this has 262,145 (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)"
    )
    assert (text.expectation, text.expected, text.seen) == (
        "limits",
        "a message of SNS: at most 262,144 bytes",
        "262,145 bytes",
    )
    assert "may have no line breaks or control characters, this has 1 (" in line.summary
