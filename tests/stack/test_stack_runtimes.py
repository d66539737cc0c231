"""Functions that cannot run here like on AWS are reported before anything starts."""

from __future__ import annotations

import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from harness.functions.host import pythons
from harness.functions.host.pythons import OWN
from harness.functions.shared.runtimes import PYTHONS
from harness.stack import function_code
from harness.stack.runtimes import runtime_problems

Problems = Callable[..., list[str]]
OLDER, NEWER = "python3.9", "python3.15"


@pytest.fixture
def problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problems:
    """The problems of a template with one function, whose folder is `fn`; no Python is installed for it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def find(
        files: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
        engine: str = "moto",
        more: dict[str, Any] | None = None,
        condition: str | None = None,
        **properties: Any,
    ) -> list[str]:
        for name, text in (files or {}).items():
            file = tmp_path / "fn" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        function: dict[str, Any] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": "app.handler", "Code": "./fn", **properties},
        }
        if condition:
            function["Condition"] = condition
        more = dict(more or {})
        resources = {"Fn": function, **more.pop("Resources", {})}
        path = tmp_path / "template.yaml"
        with path.open("w") as file:
            YAML(typ="safe").dump({**more, "Resources": resources}, file)
        found = runtime_problems(path, parameters or {}, engine)
        return [str(each).replace(str(tmp_path), "") for each in found]

    return find


@pytest.mark.parametrize(
    "runtime", ["nodejs20.x", "provided.al2023", "java21", "dotnet8", "ruby3.3", "go1.x", "python2.7"]
)
def test_other_runtimes_are_refused_by_name(problems: Problems, runtime: str) -> None:
    (found,) = problems(Runtime=runtime)
    where, _, message = found.partition(": ")
    assert where.startswith("/template.yaml:")
    assert message.startswith(f"Fn: Runtime {runtime} is not supported; only Python functions are; ")


def test_the_place_is_that_of_the_runtime(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Handler: app.handler\n      Runtime: nodejs20.x\n"
    )
    (found,) = runtime_problems(path, {}, "moto")
    assert (found.where.line, found.where.column) == (6, 7)


def test_a_distribution_brings_back_what_python_has_lost(problems: Problems) -> None:
    if OWN == "3.13":
        pytest.skip("the declared Python is our own")
    files = {
        "app.py": "import cgi\ndef handler(event, context): return 1\n",
        "requirements.txt": "requests\n",
    }
    (found,) = problems(files, Runtime="python3.13")
    assert "cgi was removed from the standard library in Python 3.13" in found
    assert problems({"requirements.txt": "Legacy_CGI>=2.6\n"}, Runtime="python3.13") == []


def test_an_image_is_refused(problems: Problems) -> None:
    (found,) = problems(PackageType="Image", Code={"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/r:1"})
    assert "Fn: PackageType Image is not supported" in found


def test_a_misspelt_runtime_is_no_runtime_of_awss(problems: Problems) -> None:
    (found,) = problems(Runtime="pyhton3.12")
    assert "Fn: Runtime 'pyhton3.12' is not an AWS runtime; known Python runtimes: " in found
    assert "python3.12" in found


@pytest.mark.parametrize("runtime", PYTHONS)
def test_pythons_are_not_refused(problems: Problems, runtime: str) -> None:
    assert problems({"app.py": "def handler(event, context): return 1\n"}, Runtime=runtime) == []


def test_engines_that_bring_their_own_lambda_are_not_asked(problems: Problems) -> None:
    assert problems(Runtime="nodejs20.x", engine="endpoint") == []
    assert problems(Runtime="nodejs20.x", engine="ministack") == []
    assert problems(Runtime="nodejs20.x", engine="localstack-host") != []


def _if(name: str) -> dict[str, Any]:
    return {"Fn::If": [name, "nodejs20.x", "python3.13"]}


STAGES = {
    "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
    "Mappings": {"Of": {"dev": {"Runtime": "nodejs20.x"}, "prod": {"Runtime": "python3.13"}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsNotDev": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsNotDev"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsNotDev"}]},
    },
}


@pytest.mark.parametrize(
    ("runtime", "dev", "prod"),
    [
        ({"Fn::FindInMap": ["Of", {"Ref": "Stage"}, "Runtime"]}, True, False),
        (_if("IsDev"), True, False),
        (_if("IsNotDev"), False, True),
        (_if("Both"), False, False),
        (_if("Either"), True, True),
        ({"Fn::Sub": "nodejs20.x-${Stage}"}, True, True),
        ({"Fn::ImportValue": "runtime"}, False, False),
        ({"Ref": "AWS::NoValue"}, False, False),
    ],
)
def test_what_is_known_from_parameters_and_defaults_is_worked_out(
    problems: Problems, runtime: Any, dev: bool, prod: bool
) -> None:
    assert bool(problems(Runtime=runtime, more=STAGES)) == dev
    assert bool(problems(Runtime=runtime, more=STAGES, parameters={"Stage": "prod"})) == prod


def test_a_function_that_is_not_made_is_not_refused(problems: Problems) -> None:
    given: dict[str, Any] = {"Runtime": "nodejs20.x", "more": STAGES}
    assert problems(**given, condition="IsNotDev") == []
    assert problems(**given, condition="IsDev") != []


def test_globals_of_sam_count(problems: Problems) -> None:
    more = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Runtime": "nodejs20.x"}},
        "Resources": {"Other": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "a.b"}}},
    }
    (found,) = problems({"app.py": ""}, Runtime=f"python{OWN}", Role="arn", more=more)
    assert "Other: Runtime nodejs20.x" in found


@pytest.mark.parametrize("name", ["DurableConfig", "CapacityProviderConfig"])
def test_a_kind_of_function_that_is_not_served_is_refused_by_name(problems: Problems, name: str) -> None:
    (found,) = problems({"app.py": ""}, Runtime=f"python{OWN}", **{name: {}})
    assert f"Fn.{name}: a" in found
    assert "is not served here; " in found


POWERTOOLS = "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:7"


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (POWERTOOLS, POWERTOOLS),
        ({"Ref": "Layer"}, POWERTOOLS),
        (
            {"Fn::Sub": POWERTOOLS.replace("eu-west-1", "${AWS::Region}")},
            POWERTOOLS.replace("eu-west-1", "${AWS::Region}"),
        ),
        ({"Ref": "Own"}, ""),
        ({"Fn::ImportValue": "layer"}, ""),
    ],
)
def test_a_layer_from_elsewhere_is_refused_by_name(problems: Problems, layer: Any, said: str) -> None:
    more = {
        "Parameters": {"Layer": {"Type": "String", "Default": POWERTOOLS}},
        "Resources": {"Own": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "./own"}}},
    }
    found = problems({"app.py": ""}, Runtime=f"python{OWN}", Layers=[layer], more=more)
    assert [
        f"Fn: layer {said} is not available; pip install -t layers/aws-lambda-powertools/python" in each
        for each in found
    ] == ([True] if said else [])


MATCH = """
    def handler(event, context):
        match event:
            case {}:
                return 1
"""


@pytest.mark.parametrize(
    ("source", "place", "said"),
    [
        (MATCH, "3:5", "Pattern matching is only supported in Python 3.10 and greater"),
        ("import tomllib\n", "1:1", "tomllib has been in the standard library since Python 3.11"),
        ("import os, tomllib as t\n", "1:1", "tomllib has been in"),
        (
            "from typing import Any, Self\n",
            "1:1",
            "typing.Self has been in the",
        ),
        ("from datetime import UTC\n", "1:1", "datetime.UTC has been in"),
        ("class A:\n    pass\nfrom enum import StrEnum\n", "3:1", "enum.StrEnum has been in"),
        (
            "try:\n    pass\nexcept* ValueError:\n    pass\n",
            "1:1",
            "except* is only supported in Python 3.11",
        ),
        ("def f(*args: *tuple[int]): ...\n", "1:14", "is only supported in Python 3.11"),
        ("x = tuple[*(int, str)]\n", "1:11", "is only supported in Python 3.11"),
        ("def f(x: int | None = None): ...\n", "1:10", "joined with | are only supported in Python 3.10"),
        ("def f() -> str | list[int] | None: ...\n", "1:12", "joined with | are only supported"),
    ],
)
def test_code_that_the_declared_python_does_not_take_is_found_at_its_line(
    problems: Problems, source: str, place: str, said: str
) -> None:
    (found,) = problems({"app.py": source}, Runtime=OLDER)
    assert found.startswith(f"/fn/app.py:{place}: Fn declares {OLDER}: ")
    assert said in found
    assert found.endswith("; change the code, or the Runtime; AWS runs it on Python 3.9")


@pytest.mark.parametrize("module", ["imp", "distutils.core", "asyncore", "cgi", "telnetlib", "lib2to3"])
def test_modules_that_newer_pythons_have_no_more_are_found(problems: Problems, module: str) -> None:
    found = problems({"app.py": f"import {module}\n"}, Runtime=NEWER)
    assert [
        f"{module.partition('.')[0]} was removed from the standard library" in each for each in found
    ] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\n",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import tomllib\n",
        "import sys\nif sys.version_info >= (3, 11):\n    import tomllib\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import Self\n",
        "def handler(event, context):\n    import tomllib\n",
        "from __future__ import annotations\ndef f(x: int | None): ...\n",
        "def f(x: 'int | None'): ...\n",
        "from flags import A, B\nC = A | B\ndef f(x: A | B): ...\n",
        "def handler(event, context):\n    return (yield) if (x := event) else f'{x!r}'\n",
        "import numpy, tomllib_not\n",
        "match = case = type = 1\nprint(match)\n",
    ],
)
def test_what_aws_runs_is_not_refused(problems: Problems, source: str) -> None:
    assert problems({"app.py": source}, Runtime=OLDER) == []


def test_own_modules_are_followed_and_those_of_others_are_not(problems: Problems) -> None:
    files = {
        "service/__init__.py": "",
        "service/app.py": "from . import helper\nfrom .deep.er import VALUE\nimport vendored, tomllib\n",
        "service/helper.py": "import os\n",
        "service/deep/__init__.py": "",
        "service/deep/er.py": "from typing import Never\nVALUE = 1\n",
        "service/unused.py": "import graphlib, tomllib\nmatch = [\n",
        "vendored/__init__.py": "from typing import Self\n",
        "vendored-1.0.dist-info/RECORD": "vendored/__init__.py,,\nsix.py,,\n",
        "tomllib.py": "from typing import Required\n",
    }
    for handler in ("service.app.handler", "service/app.handler"):
        found = problems(files, Runtime=OLDER, Handler=handler)
        places = ["/fn/service/deep/er.py:1:1", "/fn/tomllib.py:1:1"]
        assert [each.partition(": Fn")[0] for each in found] == places


def test_modules_may_come_from_layers(problems: Problems) -> None:
    more = {"Resources": {"Own": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "./own"}}}}
    files = {"app.py": "import distutils\n"}
    assert problems(files, Runtime=NEWER, Layers=[{"Ref": "Own"}], more=more) == []


def test_code_in_the_template_a_zip_or_a_file_is_read_too(problems: Problems, tmp_path: Path) -> None:
    (found,) = problems(Code={"ZipFile": textwrap.dedent(MATCH)}, Handler="index.handler", Runtime=OLDER)
    assert found.startswith("/template.yaml:")
    assert "index.py:3:5: Fn declares python3.9: Pattern matching" in found
    (tmp_path / "single.py").write_text("import tomllib\n")
    (found,) = problems(Code="./single.py", Handler="single.handler", Runtime=OLDER)
    assert found.startswith("/single.py:1:1: ")
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("app.py", "import tomllib\n")
    (found,) = problems(Code="./made.zip", Runtime=OLDER)
    assert found.startswith("/made.zip/app.py:1:1: ")


def test_code_for_a_newer_python_than_ours_needs_that_python(
    problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_code, "OWN_MINOR", 10)
    (found,) = problems({"app.py": "import tomllib\n"}, Runtime=NEWER)
    assert (
        f"Fn declares {NEWER}, but would run on the harness's Python {OWN}: tomllib has been in the standard"
        in found
    )
    assert found.endswith(f"; `harness engines install {NEWER}` makes it run on the same version as on AWS")
    assert problems({"app.py": "import tomllib\n"}, Runtime=NEWER, engine="localstack-host") == []
    (found,) = problems({"app.py": "def handler(:\n"}, Runtime=NEWER)
    assert "would run on the harness's Python" in found
    assert problems({"app.py": "def handler(:\n"}, Runtime=OLDER) == []


def test_code_of_a_python_that_is_installed_just_runs(
    problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons.PythonRuntime, "installed", True)
    assert problems({"app.py": MATCH}, Runtime=OLDER) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python does not know such f-strings")
@pytest.mark.parametrize("source", ['f"{"x"}"\n', "f'{\"\\n\"}'\n", 'f"{1 +  # one\n2}"\n'])
def test_f_strings_of_python_3_12_are_found(problems: Problems, source: str) -> None:
    (found,) = problems({"app.py": source}, Runtime=OLDER)
    assert "in f-strings are only supported in Python 3.12" in found
    assert problems({"app.py": "f\"{'x'} {1:>{2}} \\n\"\n"}, Runtime=OLDER) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python does not know such syntax")
@pytest.mark.parametrize("source", ["type X = int\n", "def f[T](x: T): ...\n", "class A[T]: ...\n"])
def test_type_parameters_are_of_python_3_12(problems: Problems, source: str) -> None:
    (found,) = problems({"app.py": source}, Runtime=OLDER)
    assert "only supported in Python 3.12 and greater" in found
