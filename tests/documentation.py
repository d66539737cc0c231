"""Pages and code blocks in README.md, CONTRIBUTING.md, SECURITY.md and docs/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = (README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md")))
GENERATED = frozenset({DOCS / "reference" / "scenario-file.md", DOCS / "reference" / "command-line.md"})
"""Pages that are long because they are mostly generated."""


def text_of(page: Path | str) -> str:
    """The text of a page. A string is a path in `docs`, such as `how-to/faults.md`."""
    return (DOCS / page).read_text(encoding="utf-8")


def everything() -> str:
    """The text of all pages, the README first."""
    return "\n".join(text_of(page) for page in PAGES)


def blocks(language: str, page: Path | str | None = None) -> list[str]:
    """The code blocks in a language, in a page or in all pages."""
    text = everything() if page is None else text_of(page)
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """The text of a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)


def commands(languages: Sequence[str] = ("sh", "bash", "console")) -> Iterator[str]:
    """The lines to type in a shell, without comments. In a `console` block: the lines after a prompt."""
    for language in languages:
        for block in blocks(language):
            lines = block.replace("\\\n", " ").splitlines()
            if language == "console":
                lines = [line[2:] for line in lines if line.startswith("$ ")]
            for line in lines:
                if command := re.split(r"(?:^|\s)#\s", line)[0].strip():
                    yield command.removeprefix(".venv/bin/")
