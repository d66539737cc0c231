"""Requirements files: the file that counts, its requirements, and those already satisfied."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.stack.requirements import (
    Method,
    RequirementsError,
    missing,
    requirements_in,
    requirements_of,
    satisfies,
)

PROJECT = '[project]\nname = "fn"\nversion = "1"\ndependencies = ["of-the-project>=1"]\n'


def asked(folder: Path, method: Method = "pip") -> tuple[str, ...]:
    found = requirements_of(folder, method)
    return found.lines if found else ()


@pytest.mark.parametrize(
    ("method", "both", "project"),
    [
        ("pip", ("of-a-list",), ()),
        ("uv", ("of-the-project>=1",), ("of-the-project>=1",)),
        ("any", ("of-a-list",), ("of-the-project>=1",)),
    ],
)
def test_which_file_counts(
    tmp_path: Path, method: Method, both: tuple[str, ...], project: tuple[str, ...]
) -> None:
    assert asked(tmp_path, method) == ()
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    assert asked(tmp_path, method) == project
    (tmp_path / "requirements.txt").write_text("of-a-list")
    assert asked(tmp_path, method) == both


def test_lines_are_those_that_ask_for_something(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# nothing\n\n-i https://index.example/simple\r\nrequests>=2,<3  # why\n-r more.txt\n"
        "thing==1 \\\n    --hash=sha256:00\nurl @ https://x.example/a.whl#sha256=1 ; python_version>'3.8'\n"
    )
    (tmp_path / "more.txt").write_text("one-more\n-r requirements.txt\n")
    found = requirements_in(tmp_path / "requirements.txt")
    assert found.lines == (
        "-i https://index.example/simple",
        "requests>=2,<3",
        "-r more.txt",
        "one-more",
        "-r requirements.txt",
        "thing==1     --hash=sha256:00",
        "url @ https://x.example/a.whl#sha256=1 ; python_version>'3.8'",
    )
    assert found.names == (
        "requests>=2,<3",
        "one-more",
        "thing==1",
        "url @ https://x.example/a.whl#sha256=1",
    )


def test_a_byte_order_mark_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("requests\n", encoding="utf-8-sig")
    assert asked(tmp_path) == ("requests",)


def test_a_file_that_only_comments_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# boto3 comes with Lambda\n")
    assert requirements_of(tmp_path, "pip") is None


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[project\n"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(RequirementsError, match=r"pyproject\.toml cannot be read"):
        requirements_of(tmp_path, "uv")


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("boto3", True),
        ("Boto3 >= 1.28", True),
        ("boto3==1.28.83", False),
        ("boto3[crt]", False),
        ("boto3>=1.44; python_version<'3.9'", False),
        ("requests", False),
        ("vendored", True),
        ("vendored.thing>=2", True),
        ("vendored-thing>=3", False),
        ("-e .", False),
        ("git+https://example.com/boto3", False),
    ],
)
def test_what_is_there_is_not_missing(tmp_path: Path, line: str, there: bool) -> None:
    (tmp_path / "requirements.txt").write_text(line)
    (tmp_path / "vendored").mkdir()
    (tmp_path / "vendored_thing-2.5.dist-info").mkdir()
    found = requirements_in(tmp_path / "requirements.txt")
    assert missing(found, tmp_path, {"boto3": "1.43.6"}) == (() if there else (line,))


@pytest.mark.parametrize(
    ("version", "specifier", "expected"),
    [
        ("1.2.3", "", True),
        ("1.2.3", "==1.2.3", True),
        ("1.2", "==1.2.0", True),
        ("1.2.3", "!=1.2.3", False),
        ("1.10", ">1.9", True),
        ("1.10", "<=1.9", False),
        ("2.0", "~=1.4", False),
        ("1.9", "~=1.4", True),
        ("1.5.0", "~=1.4.2", False),
        ("1.2.3", "==1.*", False),  # not understood: then it is installed
        ("1.2.3rc1", ">=1", False),
        ("1.2.3", ">=1.2,<1.2.3", False),
    ],
)
def test_versions(version: str, specifier: str, expected: bool) -> None:
    assert satisfies(version, specifier) is expected
