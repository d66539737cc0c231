"""The workflow that calls hosts of others: its scenarios say what they answer."""

from __future__ import annotations

import generated


def test_its_schema_is_in_step() -> None:
    path = generated.PAYMENTS / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"
