from __future__ import annotations

import pytest

from harness.observe.texts import without_times
from harness.testing import a_message


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("at 2026-11-27T07:17:39.123Z.", "at TIME."),
        ("Started: 2026-11-27T07:17:39Z\nRun id: run-1", "Started: TIME\nRun id: run-1"),
        ("on 2026-11-27 from 07:17:39 to 07:18:10 UTC", "on TIME from TIME to TIME UTC"),
        ("2026-11-28 00:05:00", "TIME"),
        ("run-2026-11-2 of 1,024 objects, 11:30", "run-2026-11-2 of 1,024 objects, 11:30"),
    ],
)
def test_times_of_day_and_dates_are_left_out_and_nothing_else(body: str, left: str) -> None:
    message = a_message("on 2026-11-27", body)
    assert without_times(message) == a_message("on 2026-11-27", left)
