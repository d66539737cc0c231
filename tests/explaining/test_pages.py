"""Pages that explain errors exist, use the program's wording, and have working links."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import documentation
import pytest

import harness
from harness.engine.base import EngineError
from harness.errors import HarnessError
from harness.explaining import Page, code_of, more_about, pages
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.stack.model import DeployError
from harness.stack.template import TemplateError

OTHERS = frozenset(
    {
        "[Errno 30] Read-only file system",  # Python
        "[Errno 2] No such file or directory",
        "You must specify a region",  # botocore
        "Unable to locate credentials",
        "NoRegionError",
        "NoCredentialsError",
        "Runtime.HandlerNotFound",  # awslambdaric
        "Runtime.MarshalError",
        "Unable to import module …",
        "Unable to marshal response: …",
        "the following arguments are required: …",  # argparse
        "unrecognized arguments: …",
    }
)
"""Wording from other programs."""
ALL = pytest.mark.parametrize("page", pages().values(), ids=list(pages()))


@pytest.fixture(scope="module")
def said() -> str:
    """All strings in the program, one per line. `…` stands for placeholders."""
    folder = Path(harness.__file__).parent
    return "\n".join(" ".join(text.split()) for path in folder.rglob("*.py") for text in _texts(path))


@ALL
def test_a_page_says_what_is_wrong_and_what_to_do(page: Page) -> None:
    assert page.title.endswith(".")
    assert page.text
    assert page.read


@ALL
def test_the_pages_to_read_exist(page: Page) -> None:
    for each in page.read:
        assert (documentation.DOCS / f"{each}.md").is_file(), each


@ALL
def test_the_words_of_a_page_are_words_of_the_program(page: Page, said: str) -> None:
    for message in set(page.messages) - OTHERS:
        parts = [re.escape(part.strip()) for part in message.split("…") if part.strip()]
        assert re.search("[^\n]*".join(parts), said), message


@ALL
def test_a_message_leads_to_the_page_that_lists_it(page: Page) -> None:
    for message in page.messages:
        assert code_of(message.replace("…", "'x'")) == page.code, message


def test_words_are_not_found_within_other_words() -> None:
    assert code_of("NotStates.Timeout") == ""
    assert code_of("the function ended with States.Timeout.") == "States.Timeout"


def test_a_message_without_a_page_has_the_code_of_its_kind() -> None:
    assert code_of("no such words anywhere", "settings") == "settings"


def test_the_command_names_each_code_once_and_not_too_many() -> None:
    assert more_about(["items", "items", "path"]) == "for more: harness explain items path"
    assert more_about("abcdefgh") == "for more: harness explain a b c d"
    assert more_about([]) == ""


def test_each_class_of_errors_has_a_page() -> None:
    codes = {kind: kind.code for kind in _kinds(HarnessError)}
    assert {EngineError, DeployError, ScenarioError, SettingsError, TemplateError} < set(codes)
    assert set(codes.values()) <= set(pages())


def _kinds(kind: type[HarnessError]) -> Iterator[type[HarnessError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _kinds(inner)


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
