"""Lines of deployed code are mapped to the project's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.observe.lines import lines_in_project
from harness.observe.model import Observation
from harness.stack.origin import Origin

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pay:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: python3.11, Handler: app.handler, {code}}}
"""


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _mapped(template: Path, *files: str) -> Observation:
    ran = {"shop-Pay": {file: [1, 2] for file in files}}
    seen = Observation(runs=(), functions={"shop-Pay": "Pay"}, ran=ran)
    return lines_in_project(seen, {"Pay": Origin(template, "shop", "Pay", "AWS::Lambda::Function")})


def test_code_in_a_folder(tmp_path: Path) -> None:
    _written(tmp_path, {"template.yaml": TEMPLATE.format(code="CodeUri: src/pay"), "src/pay/app.py": "1"})
    seen = _mapped(tmp_path / "template.yaml", "/var/task/app.py", "/var/task/not_there.py")
    assert seen.lines == {str(tmp_path / "src/pay/app.py"): [1, 2]}
    assert (seen.ran, seen.not_measured) == ({}, ())


@pytest.mark.parametrize(
    ("template", "code", "built"),
    [
        (".aws-sam/build/template.yaml", "CodeUri: Pay", ".aws-sam/build/Pay"),
        ("cdk.out/shop.template.json", "CodeUri: asset.5f", "cdk.out/asset.5f"),
    ],
)
def test_a_built_copy_is_its_source(tmp_path: Path, template: str, code: str, built: str) -> None:
    """Of several identical files, the file next to the others is the source."""
    files = {
        template: TEMPLATE.format(code=code),
        f"{built}/app.py": "app = 1",
        f"{built}/pkg/__init__.py": "",
        f"{built}/six.py": "lent = 1",
        "lambdas/pay/app.py": "app = 1",
        "lambdas/pay/pkg/__init__.py": "",
        "another/pkg/__init__.py": "",
        "another/app.py": "app = 2",
        ".venv/six.py": "lent = 1",
    }
    _written(tmp_path, files)
    names = ("app.py", "pkg/__init__.py", "six.py")
    seen = _mapped(tmp_path / template, *(f"/var/task/{name}" for name in names))
    own = tmp_path / "lambdas" / "pay"
    assert seen.lines == {str(own / "app.py"): [1, 2], str(own / "pkg/__init__.py"): [1, 2]}
    assert seen.not_measured == ()


def test_inline_code_is_left_out_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _written(tmp_path, {"template.yaml": TEMPLATE.format(code="InlineCode: 'def handler(e, c): return 1'")})
    seen = _mapped(tmp_path / "template.yaml", "/var/task/index.py")
    assert seen.lines == {}
    assert seen.not_measured == (
        "lines of Pay are not counted: its code is inline in template.yaml; coverage.py reads Python files "
        "only",
    )


def test_code_that_no_file_is_a_source_of_is_said(tmp_path: Path) -> None:
    template = tmp_path / "cdk.out" / "shop.template.json"
    _written(tmp_path, {"cdk.out/shop.template.json": TEMPLATE.format(code="CodeUri: asset.5f")})
    _written(tmp_path, {"cdk.out/asset.5f/app.py": "made"})
    (said,) = _mapped(template, "/var/task/app.py").not_measured
    assert said == "lines of Pay are not counted: its code is not in a file of this project or a copy of one"


def test_layers_that_are_built_into_a_folder(tmp_path: Path) -> None:
    layer = "Layers: [{Ref: Lib}], CodeUri: src"
    more = """\
  Lib:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: lib}
    Metadata: {BuildMethod: python3.11}
"""
    template = TEMPLATE.format(code=layer).replace("AWS::Serverless::Function", "AWS::Lambda::Function")
    template = template.replace("Transform: AWS::Serverless-2016-10-31\n", "").replace("CodeUri", "Code")
    more = more.replace("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion").replace("Uri", "")
    files = {"template.yaml": template + more, "lib/shared.py": "1", "src/app.py": "1"}
    _written(tmp_path, files)
    seen = _mapped(tmp_path / "template.yaml", "/opt/python/shared.py", "/var/task/app.py")
    assert set(seen.lines) == {str(tmp_path / "lib/shared.py"), str(tmp_path / "src/app.py")}
