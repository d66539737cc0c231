"""The handler of a function that is specified only by its code."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from harness.stack.handlers import NoHandler, handler_of

HANDLER = "def {}(event, context):\n    return event\n"


def folder(tmp_path: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("lambda_function", "lambda_handler"),
        ("app", "lambda_handler"),
        ("app", "handler"),
        ("index", "handler"),
        ("handler", "handler"),
        ("main", "do_it"),  # by its parameters
    ],
)
def test_a_usual_name_is_found(tmp_path: Path, module: str, function: str) -> None:
    code = folder(tmp_path, **{module: HANDLER.format(function), "helpers": "def helper(x):\n    return x\n"})
    assert handler_of(code) == f"{module}.{function}"


def test_a_usual_name_comes_before_a_signature(tmp_path: Path) -> None:
    code = folder(tmp_path, app=HANDLER.format("handler"), steps=HANDLER.format("step"))
    assert handler_of(code) == "app.handler"


def test_tests_beside_the_code_are_none(tmp_path: Path) -> None:
    code = folder(tmp_path, app=HANDLER.format("handler"), test_app=HANDLER.format("handler"))
    assert handler_of(code) == "app.handler"


@pytest.mark.parametrize(
    "text", ["from steps import lambda_handler\n", "def run(e, c): ...\nlambda_handler = wrapped(run)\n"]
)
def test_a_handler_may_be_imported_or_wrapped(tmp_path: Path, text: str) -> None:
    assert handler_of(folder(tmp_path, app=text)) == "app.lambda_handler"


def test_a_file_is_a_module_of_its_own(tmp_path: Path) -> None:
    folder(tmp_path, one=HANDLER.format("handler"), two=HANDLER.format("handler"))
    assert handler_of(tmp_path / "two.py") == "two.handler"


def test_a_zip_is_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("app.py", HANDLER.format("handler"))
        archive.writestr("package/other.py", HANDLER.format("handler"))
    assert handler_of(tmp_path / "code.zip") == "app.handler"


def test_several_are_refused_with_all_of_them(tmp_path: Path) -> None:
    code = folder(tmp_path, app=HANDLER.format("handler"), index=HANDLER.format("handler"))
    with pytest.raises(NoHandler) as refused:
        handler_of(code)
    assert refused.value.message == f"{code} has several handlers: app.handler, index.handler"
    assert refused.value.remedy == "choose one: {code: ..., handler: app.handler}"


def test_none_is_refused_with_where_it_was_looked_for(tmp_path: Path) -> None:
    code = folder(tmp_path, app="def run(x): ...\n")
    with pytest.raises(
        NoHandler, match=r"has no function lambda_handler or handler in app\.py; set its handler"
    ):
        handler_of(code)


@pytest.mark.parametrize(
    ("file", "runtime"), [("index.mjs", "nodejs"), ("main.go", "go"), ("Program.cs", "dotnet")]
)
def test_another_language_is_named(tmp_path: Path, file: str, runtime: str) -> None:
    (tmp_path / file).write_text("x", encoding="utf-8")
    with pytest.raises(NoHandler, match=f"is code for {runtime}; only Python functions are supported"):
        handler_of(tmp_path)


def test_code_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        handler_of(tmp_path / "nowhere")
