"""Buckets whose names are taken by a different account."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from harness.renaming import restored, used
from harness.seed import other_name
from harness.testing import a_message, an_execution, observed


@pytest.mark.parametrize("name", ["photos", "logs-old", "a-b-c", "x" * 63, "y" * 60 + "-ab"])
def test_another_name_fits_the_same_patterns_and_s3(name: str) -> None:
    other = other_name(name)
    assert other != name
    assert len(other) <= 63
    assert fnmatch(other, f"{name.partition('-')[0][:50]}*")
    assert fnmatch(other, f"*{name[-2:]}" if "-" in name else "*")


def test_names_are_restored_everywhere() -> None:
    renamed = {"photos": "photos-1a2b3c", "logs-old": "logs-4d5e6f-old"}
    seen = observed(
        an_execution(input='{"include": ["photos-1a2b3c"]}'),
        tables={"T": [{"bucket": "photos-1a2b3c", "n": 1}]},
        messages=[a_message(None, "photos-1a2b3c and logs-4d5e6f-old")],
    )
    back = restored(seen, renamed)
    assert back.tables == {"T": ({"bucket": "photos", "n": 1},)}
    assert back.messages == (a_message(None, "photos and logs-old"),)
    assert back.runs[0].execution.input == '{"include": ["photos"]}'
    assert restored(seen, {}) is seen


def test_only_whole_names_are_replaced_in_what_is_sent() -> None:
    renamed = {"photos": "photos-1a2b3c"}
    assert used({"include": ["photos", "photos-2*", 1]}, renamed) == {
        "include": ["photos-1a2b3c", "photos-2*", 1]
    }
