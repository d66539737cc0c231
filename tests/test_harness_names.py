"""The harness knows no workflow: nothing in it names the report that this repository proves with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = re.compile(
    r"aggregates|bucket_?status|usage[-_ ]report|s3-usage|STACK_NAME *= *['\"]usage|['\"]usage['\"-]"
    r"|\busage-|UsageTable|expires_at|bucket_extension|ReportTopic|report machine",
    re.IGNORECASE,
)
FILES = sorted(p for p in (ROOT / "harness").rglob("*") if p.is_file() and "__pycache__" not in p.parts)
TEXTS = {".css", ".js", ".svg", ".py", ".toml", ".md", ".json", ".txt", ".yaml", ".typed", ""}


def test_all_files_are_looked_at() -> None:
    assert len(FILES) > 250
    assert {path.suffix for path in FILES} <= TEXTS


def test_no_file_names_the_report() -> None:
    texts = {path: path.read_text(encoding="utf-8").splitlines() for path in FILES}
    lines = ((path, n, line) for path, text in texts.items() for n, line in enumerate(text, start=1))
    assert [f"{path}:{n}: {line}" for path, n, line in lines if WORDS.search(line)] == []


@pytest.mark.parametrize(
    "text", ["aggregates:", "bucket_status", "usage_report", "usage-report-run-1", 'STACK_NAME = "usage"']
)
def test_the_words_are_found(text: str) -> None:
    assert WORDS.search(text)
