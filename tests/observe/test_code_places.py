from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.functions.shared.model import FunctionError
from harness.observe.code_places import handler_line, import_line
from harness.observe.sources import in_project
from harness.stack.origin import Origin
from harness.testing import an_invocation, observed

TEMPLATE = """\
Resources:
  Pay:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Handler: shop.pay.handler}
  Inline:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: "x"}, Handler: index.handler}
"""
FILES = {
    "shop/__init__.py": "",
    "shop/pay.py": "import json\n\nfrom . import orders\n\n\n@x\ndef handler(event, context):\n    pass\n",
    "shop/orders.py": "import os\n\nif os.name:\n    import boto33.session\nfrom shop import money\n",
    "shop/money.py": "import decimal\nfrom json import nothing\nfrom shop import absent\n",
}
UNABLE = "Unable to import module 'shop.pay': "


@pytest.fixture
def pay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Origin:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    for name, text in FILES.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Origin(Path("template.yaml"), "shop", "Pay", "AWS::Lambda::Function")


def test_the_line_of_a_handler_is_that_of_its_definition(pay: Origin) -> None:
    found = handler_line(pay)
    assert found is not None
    assert (found.file, found.number) == (Path("src/shop/pay.py"), 7)
    assert handler_line(replace(pay, logical_id="Inline")) is None


@pytest.mark.parametrize(
    ("why", "file", "number", "text"),
    [
        ("No module named 'boto33'", "orders.py", 4, "import boto33.session"),
        ("cannot import name 'nothing' from 'json' (/x)", "money.py", 2, "from json import nothing"),
        ("cannot import name 'absent' from 'shop' (/x)", "money.py", 3, "from shop import absent"),
    ],
)
def test_the_import_that_fails_is_found_where_the_handler_leads(
    pay: Origin, why: str, file: str, number: int, text: str
) -> None:
    found = import_line(pay, f"{UNABLE}{why}")
    assert found is not None
    assert (found.file.name, found.number, found.text) == (file, number, text)


@pytest.mark.parametrize("message", ["", f"{UNABLE}No module named 'pandas'", f"{UNABLE}something else"])
def test_an_import_that_no_file_of_the_project_has_is_not_found(pay: Origin, message: str) -> None:
    assert import_line(pay, message) is None


def test_an_error_of_an_import_has_its_line_as_a_trace(pay: Origin) -> None:
    error = FunctionError("Runtime.ImportModuleError", f"{UNABLE}No module named 'boto33'")
    seen = observed(invocations=[an_invocation("pay", error=error)], functions={"pay": "Pay"})
    (invocation,) = in_project(seen, {"Pay": pay}).invocations
    assert invocation.error is not None
    assert invocation.error.stack_trace == (
        '  File "src/shop/orders.py", line 4, in <module>\n    import boto33.session\n',
    )
    assert in_project(seen, {}) == seen
