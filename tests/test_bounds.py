"""User-supplied JSON is limited in depth and number of values."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bounds import DEEPEST, MOST_NODES, json_of
from harness.policy_file import policy_in


def test_what_is_within_bounds_is_read() -> None:
    assert json_of("[" * DEEPEST + "]" * DEEPEST) != []
    assert len(json_of(f"[{'0,' * (MOST_NODES - 2)}0]")) == MOST_NODES - 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
            "lists and mappings are nested more than 100 levels deep",
        ),
        ("[" * 100_000, "lists and mappings are nested more than 100 levels deep"),
        (f"[{'0,' * (MOST_NODES - 1)}0]", "it has more than 300,000 values"),
        (f"[{'[[[]]],' * (MOST_NODES // 3)}0]", "it has more than 300,000 values"),
    ],
)
def test_what_is_beyond_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        json_of(text)
    policy = tmp_path / "policy.json"
    policy.write_text(text)
    with pytest.raises(ValueError, match=said):
        policy_in(policy)
