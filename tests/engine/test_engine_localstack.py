"""Finding LocalStack, and choosing how to run it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engine import engine_named
from harness.engine.base import Availability, Endpoint, Engine, EngineError, Options
from harness.engine.first_of import first_started
from harness.engine.localstack import install
from harness.engine.localstack.install import VERSIONS, Environment
from harness.engine.localstack.running import LocalStackRunning, configured_url
from harness.engine.localstack.sources import HERE, copy_plugin
from harness.engine.pythons import find_python

Serve = Callable[[dict[str, str]], str]


class Way(Engine):
    """A LocalStack that is usable and starts, unless a reason against it is given."""

    summary = ""

    def __init__(self, name: str, unusable: str = "", broken: str = ""):
        self.name = name  # type: ignore[misc]
        self._unusable, self._broken = unusable, broken
        self.stopped = 0

    def availability(self) -> Availability:
        return Availability(not self._unusable, self._unusable, "do this" if self._unusable else "")

    def start(self) -> Endpoint:
        if self._broken:
            raise EngineError(self._broken)
        return Endpoint(f"http://{self.name}")

    def stop(self) -> None:
        self.stopped += 1

    def reset(self) -> Endpoint:
        return Endpoint("")


class Interrupted(Way):
    """A LocalStack whose start is interrupted with Ctrl-C."""

    def start(self) -> Endpoint:
        raise KeyboardInterrupt


def test_the_first_usable_way_is_taken_and_named() -> None:
    ways = [
        Way("running", unusable="nobody there"),
        Way("docker", broken="no image"),
        Way("host"),
        Way("more"),
    ]
    engine = first_started(ways, "LocalStack")
    assert engine is ways[2]
    assert engine.start().url == "http://host"
    assert [way.stopped for way in ways] == [0, 1, 0, 0]
    engine.stop()
    assert [way.stopped for way in ways] == [0, 1, 1, 0]


def test_an_interrupted_start_is_stopped_and_no_other_way_is_tried() -> None:
    ways = [Interrupted("docker"), Way("host")]
    with pytest.raises(KeyboardInterrupt):
        first_started(ways, "LocalStack")
    assert [way.stopped for way in ways] == [1, 0]


def test_asked_what_is_there_the_first_usable_way_answers_else_all_do(
    serve: Serve, unused_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = serve({"/_localstack/info": '{"version": "4.14.0:ab12", "edition": "community"}'})
    kind = engine_named("localstack")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    found = kind.availability_with(Options())
    assert found == Availability(True, f"by localstack-running: LocalStack 4.14.0 at {url}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", unused_url)
    refused = kind.availability_with(Options())
    assert not refused.usable
    nobody = f"localstack-running: no server responds at {unused_url}; "
    places = [refused.detail.index(text) for text in (nobody, "; localstack-docker: ", "; localstack-host: ")]
    assert places == sorted(places)
    with pytest.raises(EngineError, match="no LocalStack engine is usable on this machine"):
        kind.open(Options())


def test_when_none_is_usable_each_says_why_and_what_to_do() -> None:
    with pytest.raises(EngineError) as raised:
        first_started(
            [Way("running", unusable="nobody there"), Way("docker", broken="no image")], "LocalStack"
        )
    assert str(raised.value).splitlines() == [
        "no LocalStack engine is usable on this machine",
        "  running: nobody there; do this",
        "  docker: no image",
    ]


def test_a_running_localstack_is_found_with_its_version(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve({"/_localstack/info": '{"version": "4.14.0:ab12", "edition": "community"}'})
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("LOCALSTACK_HOST", url.removeprefix("http://"))
    found = LocalStackRunning().availability()
    assert found == Availability(True, f"LocalStack 4.14.0 at {url}")


def test_nobody_there_and_something_else_there_are_told_apart(serve: Serve, unused_url: str) -> None:
    assert LocalStackRunning(unused_url).availability().detail == f"no server responds at {unused_url}"
    other = serve({"/_localstack/health": "{}"})
    assert LocalStackRunning(other).availability().detail == f"the server at {other} is not LocalStack"
    with pytest.raises(EngineError, match="docker compose up"):
        LocalStackRunning(unused_url).start()


def test_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("LOCALSTACK_HOST", raising=False)
    assert configured_url() == "http://127.0.0.1:4566"
    monkeypatch.setenv("LOCALSTACK_HOST", "box:1234")
    assert configured_url() == "http://box:1234"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://there:99/")
    assert configured_url() == "http://there:99"


def test_a_machine_without_python_3_13_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PATH", "HOME", "PYENV_ROOT"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert find_python("3.13", os.environ) is None
    with pytest.raises(EngineError, match=r"needs Python 3\.13"):
        Environment(VERSIONS[0], tmp_path / "cache").install(lambda _: None)


def test_a_python_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    works = tmp_path / "versions" / "3.13.9" / "bin" / "python"
    broken = tmp_path / "python3.13"
    for file, script in ((works, "echo 3.13"), (broken, "exit 1")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
    assert find_python("3.13", {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)}) == str(works)


def test_an_unknown_version_lists_the_known_ones() -> None:
    with pytest.raises(EngineError, match=", ".join(VERSIONS)):
        Environment("1.0")


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], hear: object = None) -> None:
        commands.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)

    monkeypatch.setattr(install, "run", run)
    monkeypatch.setattr(install, "find_python", lambda *_: "python3.13")
    said: list[str] = []
    environment = Environment(VERSIONS[0], tmp_path)
    assert not environment.installed
    environment.install(said.append)
    assert environment.installed
    assert ["venv" in c for c in commands] == [True, False, False]
    assert "--require-hashes" in commands[1]
    assert "--no-deps" in commands[2]
    environment.install(said.append)
    assert len(commands) == 3
    assert "is installed" in said[-1]
    assert environment.uninstall()
    assert not environment.uninstall()


def test_an_interrupted_installation_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], hear: object = None) -> None:
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)
        else:
            raise EngineError("the network went away")

    monkeypatch.setattr(install, "run", run)
    monkeypatch.setattr(install, "find_python", lambda *_: "python3.13")
    environment = Environment(VERSIONS[0], tmp_path)
    for _ in range(2):
        with pytest.raises(EngineError, match="the network went away"):
            environment.install(lambda _: None)
        assert not environment.installed


@pytest.mark.parametrize("lock", sorted((HERE / "locks").glob("*.txt")), ids=lambda path: path.stem)
def test_every_package_of_a_lock_has_a_hash(lock: Path) -> None:
    packages = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in package and "==" in package for package in packages)


def test_the_plugin_is_a_project_of_its_own(tmp_path: Path) -> None:
    project = copy_plugin(tmp_path)
    assert (project / "pyproject.toml").is_file()
    functions = (project / "../../../functions").resolve()
    named = set(tomllib.loads((project / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    packages = {path.parent.relative_to(tmp_path) for path in functions.rglob("__init__.py")}
    assert named == {"harness_localstack", *(".".join(package.parts) for package in packages)}
    leaves = {"json_types.py", "quotas.py"}
    assert {path.name for path in (tmp_path / "harness").iterdir()} == {"engine", "functions", *leaves}
    assert not list(tmp_path.rglob("__pycache__"))
