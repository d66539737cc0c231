"""Sizes and times as numbers."""

import pytest

from harness.scenario.position import RefusedError
from harness.scenario.units import seconds, size_bytes


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (5, 5),
        (0, 0),
        ("5 B", 5),
        ("5B", 5),
        ("2 MiB", 2 * 1024**2),
        ("24 MB", 24_000_000),
        ("1.5 kB", 1500),
        ("1 KB", 1000),
        ("0.1 GB", 100_000_000),
        ("3 TiB", 3 * 1024**4),
    ],
)
def test_sizes(written, expected):
    assert size_bytes(written) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("5 XB", "unknown unit 'XB' in '5 XB'"),
        ("5", "'5' is not a valid size"),
        ("", "'' is not a valid size"),
        ("many", "'many' is not a valid size"),
        (-1, "invalid size -1"),
        ("-2 MB", "invalid size -2 MB"),
        ("0.5 B", "'0.5 B' is not a whole number of bytes"),
        (1.5, "1.5 is not a valid size"),
        (True, "True is not a valid size"),
        (None, "nothing is not a valid size"),
    ],
)
def test_what_is_no_size(written, message):
    with pytest.raises(RefusedError) as refused:
        size_bytes(written)
    assert refused.value.message == message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("written", "expected"), [("500 ms", 0.5), ("30 s", 30), ("5 min", 300), ("2 h", 7200), ("0.1s", 0.1)]
)
def test_times(written, expected):
    assert seconds(written) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (30, "30 is not a valid time"),
        ("30", "'30' is not a valid time"),
        ("30 sec", "unknown unit 'sec' in '30 sec'"),
        ("-1 s", "invalid time -1 s"),
        ("soon", "'soon' is not a valid time"),
    ],
)
def test_what_is_no_time(written, message):
    with pytest.raises(RefusedError) as refused:
        seconds(written)
    assert refused.value.message == message
    assert refused.value.remedy
