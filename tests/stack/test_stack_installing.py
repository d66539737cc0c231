"""Requirements of code are installed once, as SAM's builds have them, without what Lambda brings along."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from wheels import only_wheels, wheel

from harness.functions.host.pythons import OWN
from harness.stack.install_tool import InstallError, Tool
from harness.stack.installing import Target, installed, is_installed, runtime_versions
from harness.stack.requirements import requirements_of

TARGET = Target("function Fn", OWN, OWN)
Install = Callable[..., dict[str, bytes]]


def without_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, path=None: None if name == "uv" else which(name, path=path)
    )


@pytest.fixture(params=["uv", "pip"])
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each tool that installs, where this machine has it."""
    if request.param == "pip":
        without_uv(monkeypatch)
    try:
        found = Tool.found(OWN)
    except InstallError:
        pytest.skip("there is no pip")
    if found.name != request.param:
        pytest.skip("there is no uv")
    return found.name


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of wheels that is all there is to install from."""
    only_wheels(tmp_path / "wheels", monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "wheels"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def install(tmp_path: Path, said: list[str]) -> Install:
    """Install what files of a folder `fn` ask for; gives the files of the zip."""

    def install(target: Target = TARGET, method: str = "any", **files: str) -> dict[str, bytes]:
        folder = tmp_path / "fn"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)
        requirements = requirements_of(folder, method)  # type: ignore[arg-type]
        assert requirements is not None
        with zipfile.ZipFile(io.BytesIO(installed(requirements, target, said.append))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    return install


def test_what_is_asked_for_is_in_the_zip_with_what_that_needs(
    tool: str, wheels: Path, install: Install, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    wheel(wheels, "other-thing", "2.1")
    wheel(wheels, "thing", requires=["other-thing>=2"], scripts={"thing": "thing:main"})
    found = install(requirements__txt="# what we need\nthing\n")
    assert found["thing/__init__.py"] == b'VERSION = "1.0"\n'
    assert found["other_thing/__init__.py"] == b'VERSION = "2.1"\n'
    assert "thing-1.0.dist-info/METADATA" in found
    assert not [name for name in found if name.startswith(("bin/", ".")) or name.endswith(".pyc")]
    how = f"from {wheels} with {tool} for Python {OWN}, once"
    assert said == [f"function Fn: installing thing (fn/requirements.txt) {how}"]


def test_the_second_time_nothing_starts(
    wheels: Path, install: Install, said: list[str], request: pytest.FixtureRequest
) -> None:
    wheel(wheels, "thing")
    first = install(requirements__txt="thing")
    shutil.rmtree(wheels)
    request.getfixturevalue("nothing_starts")
    assert install(requirements__txt="thing  # a comment is no other requirement\n") == first
    assert len(said) == 1


def test_other_requirements_pythons_and_places_are_installed_anew(
    wheels: Path, install: Install, said: list[str]
) -> None:
    wheel(wheels, "thing", "1.0")
    wheel(wheels, "thing", "2.0")
    assert install(requirements__txt="thing<2")["thing/__init__.py"] == b'VERSION = "1.0"\n'
    assert install(requirements__txt="thing")["thing/__init__.py"] == b'VERSION = "2.0"\n'
    other = "3.13" if OWN != "3.13" else "3.12"
    assert "thing/__init__.py" in install(Target("function Fn", other, other), requirements__txt="thing")
    layer = install(Target("layer L", OWN, OWN, "python"), requirements__txt="thing")
    assert {name.partition("/")[0] for name in layer} == {"python"}
    assert len(said) == 4


def test_wheels_are_those_of_the_python_that_runs_the_code(tool: str, wheels: Path, install: Install) -> None:
    other = "3.13" if OWN != "3.13" else "3.12"
    for each in (OWN, other):
        digits = each.replace(".", "")
        text = {"thing.py": f"FOR = '{each}'\n"}
        wheel(wheels, "thing", files=text, tag=f"cp{digits}-none-any")
    assert install(requirements__txt="thing")["thing.py"] == f"FOR = '{OWN}'\n".encode(), tool
    found = install(Target("function Fn", other, other), requirements__txt="thing")
    assert found["thing.py"] == f"FOR = '{other}'\n".encode()


def test_what_lambda_brings_along_is_left_to_it_where_the_version_is_the_same(
    tool: str, wheels: Path, install: Install
) -> None:
    here = runtime_versions(OWN)["jmespath"]
    wheel(wheels, "jmespath", here)
    wheel(wheels, "jmespath", "999.0")
    wheel(wheels, "thing", requires=["jmespath"])
    found = install(requirements__txt="thing")
    assert "jmespath/__init__.py" not in found, tool
    assert f"jmespath-{here}.dist-info/METADATA" in found
    clock = version("time-machine")
    wheel(wheels, "time-machine", clock)
    assert "time_machine/__init__.py" in install(requirements__txt=f"time-machine=={clock}")
    assert install(requirements__txt="thing\njmespath>=999")["jmespath/__init__.py"] == b'VERSION = "999.0"\n'


def test_what_cannot_be_resolved_ends_with_the_tools_words(
    tool: str, wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.setenv("UV_DEFAULT_INDEX", (wheels / "index").as_uri())
    (wheels / "index").mkdir()
    wheel(wheels, "thing", "1.0")
    with pytest.raises(InstallError) as caught:
        install(requirements__txt="thing>=7")
    assert str(caught.value) == f"{tool} cannot install thing>=7 from fn/requirements.txt for Python {OWN}"
    assert caught.value.remedy.startswith("correct fn/requirements.txt; only wheels are installed")
    assert "thing" in caught.value.remedy.partition("\n")[2]
    assert not [each for each in wheels.parent.glob("cache/*/builds/*") if each.suffix != ".lock"]


@pytest.mark.parametrize(
    ("declared", "remedy"),
    [
        ("3.15" if OWN != "3.15" else "3.14", "run `harness engines install python3.1"),
        ("3.7", "the harness does not run Python 3.7: require versions that also have wheels for newer ones"),
    ],
)
def test_another_python_than_the_declared_one_has_another_remedy(
    wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch, declared: str, remedy: str
) -> None:
    monkeypatch.delenv("UV_OFFLINE")
    (wheels / "index").mkdir()
    monkeypatch.setenv("UV_DEFAULT_INDEX", (wheels / "index").as_uri())
    wheel(wheels, "thing", tag=f"cp{declared.replace('.', '')}-none-any")
    with pytest.raises(InstallError) as caught:
        install(Target("function Fn", OWN, declared), requirements__txt="thing")
    assert caught.value.remedy.startswith(remedy)


def test_without_a_network_the_command_is_told_that_does_without(wheels: Path, install: Install) -> None:
    if Tool.found(OWN).name != "uv":
        pytest.skip("there is no uv")
    with pytest.raises(InstallError) as caught:
        install(Target("function Fn", OWN, "3.99"), requirements__txt="nowhere-to-be-found")
    assert str(caught.value) == (
        "nowhere-to-be-found in fn/requirements.txt must be installed for Python "
        f"{OWN} (it declares 3.99, which is not installed), and {wheels} does not respond"
    )
    assert "pip install -t fn -r fn/requirements.txt" in caught.value.remedy


def _no_distribution(name: str) -> str:
    raise PackageNotFoundError(name)


def test_without_any_tool_that_is_said(
    wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr("importlib.metadata.version", _no_distribution)
    wheel(wheels, "thing")
    with pytest.raises(InstallError, match="needs uv or pip, and neither is available"):
        install(requirements__txt="thing")


def test_a_project_without_a_lock(tool: str, wheels: Path, install: Install) -> None:
    wheel(wheels, "thing")
    text = '[project]\nname = "fn"\nversion = "1"\ndependencies = ["thing"]\n'
    assert "thing/__init__.py" in install(pyproject__toml=text), tool


def test_a_lock_decides(wheels: Path, install: Install, tmp_path: Path) -> None:
    uv = Tool.found(OWN)
    if uv.name != "uv":
        pytest.skip("there is no uv")
    wheel(wheels, "thing", "1.0")
    (tmp_path / "fn").mkdir()
    text = (
        f'[project]\nname = "fn"\nversion = "1"\nrequires-python = ">={OWN}"\ndependencies = ["thing"]\n'
        '[dependency-groups]\ndev = ["never"]\n[tool.uv]\npackage = false\n'
    )
    (tmp_path / "fn" / "pyproject.toml").write_text(text)
    wheel(wheels, "never", "1.0")
    subprocess.run([*uv.command, "lock", "-q"], cwd=tmp_path / "fn", check=True, capture_output=True)
    wheel(wheels, "thing", "2.0")
    found = install(method="uv")
    assert found["thing/__init__.py"] == b'VERSION = "1.0"\n'
    assert "never/__init__.py" not in found
    assert sorted(each.name for each in (tmp_path / "fn").iterdir()) == ["pyproject.toml", "uv.lock"]


def test_a_lock_needs_uv(wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    without_uv(monkeypatch)
    try:
        Tool.found(OWN)
    except InstallError:
        pytest.skip("there is no pip")
    text = '[project]\nname = "fn"\nversion = "1"\ndependencies = ["thing"]\n'
    with pytest.raises(InstallError, match=r"only uv can read uv\.lock"):
        install(pyproject__toml=text, uv__lock="version = 1\n")


def test_more_than_lambda_takes_is_refused(
    wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.stack.installing.UNZIPPED_BYTES", 1000)
    wheel(wheels, "thing", files={"thing.py": "#" * 1000})
    with pytest.raises(InstallError, match=r"Unzipped size must be smaller than 1000 bytes"):
        install(requirements__txt="thing")


def test_a_cache_that_cannot_be_written_is_named(
    wheels: Path, install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(InstallError, match="file"):
        install(requirements__txt="thing")


def test_looking_into_the_cache_installs_nothing(wheels: Path, install: Install, tmp_path: Path) -> None:
    wheel(wheels, "thing")
    install(requirements__txt="thing")
    requirements = requirements_of(tmp_path / "fn", "pip")
    assert requirements is not None
    assert is_installed(requirements, TARGET)
    assert not is_installed(requirements, Target("function Fn", "3.99", "3.99"))
