from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect.matcher import unmet
from harness.expect.model import Mismatch
from harness.expect.other_case import in_other_case
from harness.expect.wording import CASE
from harness.scenario.matcher import Matcher
from harness.scenario.position import Position


@pytest.mark.parametrize(
    ("matcher", "text", "said"),
    [
        ({"equals": "Paid"}, "PAID", f'is "PAID", not "Paid" ({CASE})'),
        ({"equals": "Paid"}, "Pald", 'is "Pald", not "Paid"'),
        ({"contains": [".nef"]}, "a .NEF b", f'does not contain ".nef" (it contains ".NEF": {CASE})'),
        ({"contains": [".nef"]}, "a .jpg b", 'does not contain ".nef"'),
    ],
)
def test_a_difference_in_letter_case_only_is_said(matcher: dict[str, object], text: str, said: str) -> None:
    assert unmet(Matcher.model_validate(matcher), text) == (said,)


def mismatch(subject: str, expectation: str = "aggregates") -> Mismatch:
    return Mismatch(expectation, Position(Path("a.yaml"), 3), f"{subject}: not expected", subject=subject)


def test_two_subjects_that_differ_in_letter_case_name_each_other() -> None:
    given = [mismatch("bucket a, extension .JPG"), mismatch("bucket a, extension .jpg"), mismatch("bucket b")]
    assert [each.summary for each in in_other_case(given)] == [
        f"bucket a, extension .JPG: not expected ({CASE} from .jpg)",
        f"bucket a, extension .jpg: not expected ({CASE} from .JPG)",
        "bucket b: not expected",
    ]


def test_subjects_of_other_expectations_and_none_stay_as_they_are() -> None:
    given = [mismatch("x"), mismatch("X", "items"), mismatch(""), mismatch("")]
    assert list(in_other_case(given)) == given
