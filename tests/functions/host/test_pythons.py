"""Functions run on the Python that they declare, if this machine has it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from virtual_service import Service

from harness.engine import pythons
from harness.engine.base import EngineError
from harness.functions.host.pythons import INSTALLABLE, OWN, STAMP, PythonRuntime, requirements, runs_on
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

MakeFunction = Callable[..., FunctionConfig]

VERSION = """
    import sys

    def handler(event, context):
        return "%d.%d" % sys.version_info[:2]
"""


@pytest.fixture(scope="session")
def other() -> str:
    """A different Python on this machine."""
    for version in reversed(INSTALLABLE):
        if version != OWN and pythons.find_python(version, os.environ):
            return version
    pytest.skip(f"this machine has no Python but {OWN}")


@pytest.fixture(scope="session")
def cache(other: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with its prepared runtime, created once for all processes in the test run."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "cache"
    try:
        pythons.install(PythonRuntime(other, folder / "stepfunctions-harness"), print)
    except EngineError as error:
        pytest.skip(str(error))
    return folder


@pytest.fixture
def with_other(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionRuntime]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    with FunctionRuntime() as runtime:
        yield runtime


def test_a_function_runs_on_the_python_that_it_declares(
    with_other: FunctionRuntime, make_function: MakeFunction, other: str
) -> None:
    declared = with_other.invoke(make_function(VERSION, runtime=f"python{other}"), b"{}")
    ours = with_other.invoke(make_function(VERSION, runtime=f"python{OWN}"), b"{}")
    unknown = with_other.invoke(make_function(VERSION), b"{}")
    assert [json.loads(each.result) for each in (declared, ours, unknown)] == [other, OWN, OWN]
    assert (declared.runtime, declared.python) == (f"python{other}", other)
    assert (ours.runtime, ours.python) == (f"python{OWN}", OWN)
    assert (unknown.runtime, unknown.python) == ("", OWN)


def test_it_has_lambdas_packages_its_own_path_and_nothing_of_ours(
    with_other: FunctionRuntime, make_function: MakeFunction, other: str
) -> None:
    source = """
        import importlib.util
        import os
        import sys

        import boto3
        import urllib3

        def handler(event, context):
            here = [name for name in ("boto3", "harness", "moto", "pip", "pytest", "time_machine")
                    if importlib.util.find_spec(name)]
            return [here, os.environ["AWS_EXECUTION_ENV"], boto3.__file__, "harness" in sys.modules]
    """
    invocation = with_other.invoke(make_function(source, runtime=f"python{other}"), b"{}")
    here, name, file, loaded = json.loads(invocation.result)
    assert here == ["boto3"]
    assert name == f"AWS_Lambda_python{other}"
    assert file == "/var/runtime/boto3/__init__.py"
    assert not loaded


def test_its_clock_is_virtual(
    with_other: FunctionRuntime, make_function: MakeFunction, service: Service, other: str
) -> None:
    source = """
        import time

        def handler(event, context):
            before = time.time()
            time.sleep(3600)
            return time.time() - before
    """
    function = make_function(source, runtime=f"python{other}", timeout_s=7200)
    invocation = service.invoke(with_other, function, b"{}")
    assert invocation.error is None, invocation.log
    assert (json.loads(invocation.result), invocation.duration_s) == (3600, 3600)


def test_a_trace_names_the_folders_of_lambda(
    with_other: FunctionRuntime, make_function: MakeFunction, other: str
) -> None:
    source = """
        import boto3

        def handler(event, context):
            boto3.client("s3", region_name="eu-west-1").get_object(Bucket="b")
    """
    invocation = with_other.invoke(make_function(source, runtime=f"python{other}"), b"{}")
    assert invocation.error is not None
    assert invocation.error.type == "ParamValidationError"
    files = [line.split('"')[1] for line in invocation.error.stack_trace]
    assert {file.split("/")[2] for file in files} == {"task", "runtime"}


def test_a_half_made_runtime_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    version = next(version for version in INSTALLABLE if version != OWN)
    runtime = PythonRuntime(version)
    runtime.python.parent.mkdir(parents=True)
    runtime.python.symlink_to(sys.executable)
    assert (runtime.installed, runs_on(f"python{version}")) == (False, OWN)
    (runtime.folder / STAMP).write_text(json.dumps(list(requirements())))
    assert (runtime.installed, runs_on(f"python{version}")) == (True, version)
    (runtime.folder / STAMP).write_text(json.dumps(["boto3<=1.0"]))
    assert not runtime.installed
    (runtime.folder / STAMP).write_text(json.dumps(list(requirements())))
    runtime.python.unlink()
    assert not runtime.installed


def test_a_runtime_is_made_once_and_not_when_pip_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    online = False

    def run(command: list[str], hear: object = None) -> None:
        commands.append(command)
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        elif not online:
            raise EngineError("no network")

    monkeypatch.setattr(pythons, "run", run)
    monkeypatch.setattr(pythons, "find_python", lambda *_: sys.executable)
    version = next(version for version in INSTALLABLE if version != OWN)
    runtime = PythonRuntime(version, tmp_path)
    with pytest.raises(EngineError, match=r"(?s)go online.*no network"):
        pythons.install(runtime, print)
    assert not runtime.installed
    online = True
    pythons.install(runtime, print)
    pythons.install(runtime, print)
    assert runtime.installed
    assert ["venv" in command for command in commands] == [True, False, True, False]
    assert pythons.uninstall(runtime)
    assert not pythons.uninstall(runtime)


def test_what_cannot_be_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PATH", "HOME", "PYENV_ROOT"):
        monkeypatch.setenv(variable, str(tmp_path))
    said: list[Any] = []
    pythons.install(PythonRuntime(OWN, tmp_path), said.append)
    assert "no installation is needed" in said[0]
    with pytest.raises(EngineError, match=r"on this machine; versions that can be installed: python3\.10, "):
        pythons.install(PythonRuntime("3.8", tmp_path), print)
    version = next(version for version in INSTALLABLE if version != OWN)
    with pytest.raises(EngineError, match=f"Python {version} with venv not found .* install it"):
        pythons.install(PythonRuntime(version, tmp_path), print)


def test_pythons_of_uv_are_found(tmp_path: Path) -> None:
    python = tmp_path / "uv" / "python" / "cpython-3.13.9-linux-x86_64-gnu" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    environ = {"PATH": "", "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    assert list(pythons.pythons("3.13", environ)) == [str(python)]
    environ = {"PATH": "", "HOME": "/nowhere", "UV_PYTHON_INSTALL_DIR": str(python.parents[2])}
    assert list(pythons.pythons("3.13", environ)) == [str(python)]
