"""The files that a function imports, as its source says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from minimal_project import write

from harness.watching.imported import ALL, imported

CODE = {
    "app/__init__.py": "",
    "app/orders.py": (
        "from .money import cents\nfrom app import texts\n\ndef handler(event, context):\n    import late\n"
    ),
    "app/money.py": "from __future__ import annotations\nimport json\n",
    "app/texts.py": "",
    "app/other.py": "from . import money\n",
    "late.py": "import missing.part\n",
}


def files(folder: Path, handler: str = "app.orders.handler") -> list[str]:
    """The names of the files that are there and imported."""
    found = imported(handler, [folder])
    return sorted(name for name in CODE if found.has(folder / name))


def test_what_is_imported_is_followed(tmp_path):
    write(tmp_path, CODE)
    assert files(tmp_path) == ["app/__init__.py", "app/money.py", "app/orders.py", "app/texts.py", "late.py"]
    assert files(tmp_path, "app/other.handler") == ["app/__init__.py", "app/money.py", "app/other.py"]


def test_a_module_that_is_not_there_yet_counts(tmp_path):
    found = imported("app.orders.handler", [write(tmp_path, CODE)])
    assert found.has(tmp_path / "missing/part.py")
    assert found.has(tmp_path / "json.py")  # it would hide the library's
    assert not found.has(tmp_path / "app/new.py")


def test_a_file_that_changes_is_read_again(tmp_path):
    write(tmp_path, CODE)
    assert "app/other.py" not in files(tmp_path)
    (tmp_path / "app/money.py").write_text("from app import other  # now\n")
    assert "app/other.py" in files(tmp_path)


def test_the_packages_of_layers_are_looked_at_too(tmp_path):
    write(tmp_path, {"code/app.py": "import shared\n", "layer/python/shared.py": ""})
    found = imported("app.handler", [tmp_path / "code", tmp_path / "layer", tmp_path / "layer/python"])
    assert found.has(tmp_path / "layer/python/shared.py")


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\n",
        "from importlib import import_module\n",
        "def handler(event, context):\n    return __import__(event['module'])\n",
        "import sys\nsys.path.insert(0, 'vendored')\n",
        "from app.texts import *\n",
        "def broken(:\n",
    ],
)
def test_in_doubt_all_files_are_meant(tmp_path, text):
    write(tmp_path, {**CODE, "app/money.py": text})
    assert files(tmp_path) == sorted(CODE)


def test_a_handler_that_is_not_there_may_import_all(tmp_path):
    assert imported("datadog_lambda.handler.handler", [write(tmp_path, CODE)]) is ALL
    assert imported("", [tmp_path]) is ALL
