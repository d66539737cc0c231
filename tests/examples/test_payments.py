"""The workflow that calls external hosts: its scenarios specify the responses."""

from __future__ import annotations

import generated


def test_its_schema_is_in_step() -> None:
    path = generated.PAYMENTS / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"
