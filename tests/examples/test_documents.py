"""The workflow of services that no emulator serves: its scenarios say what they answer."""

from __future__ import annotations

import generated


def test_its_schema_is_in_step() -> None:
    path = generated.DOCUMENTS / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"
