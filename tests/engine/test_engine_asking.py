"""Querying an engine's state reads files and sockets. It starts no process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.engine import ENGINES, EngineKind
from harness.engine.base import Options
from harness.engine.localstack.install import VERSIONS, Environment
from harness.engine.pythons import find_python, pythons


@pytest.fixture(params=["empty cache", "full cache"])
def full(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A user cache in which every LocalStack is installed, or none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    is_full: bool = request.param == "full cache"
    for version in VERSIONS if is_full else ():
        environment = Environment(version)
        environment.folder.mkdir(parents=True)
        environment._write_stamp(lock=environment._lock_hash())
    return is_full


@pytest.mark.parametrize("kind", ENGINES, ids=lambda kind: kind.name)
@pytest.mark.usefixtures("nothing_starts")
def test_asking_starts_nothing(kind: EngineKind, full: bool, unused_url: str) -> None:
    found = kind.availability_with(Options(endpoint_url=unused_url))
    assert found.detail
    assert found.usable or found.remedy
    if kind.name == "localstack-host":
        assert found.usable == full


def test_the_guard_sees_a_process(nothing_starts: list[str]) -> None:
    with pytest.raises(AssertionError, match="a process was started"):
        find_python("3.13", {"PATH": os.environ["PATH"]})
    assert nothing_starts
    nothing_starts.clear()


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("python3.13", True),
        ("python3", False),
        ("root/versions/3.13.9/bin/python", True),
        ("root/versions/3.12.1/bin/python", False),
        ("root/versions/3.13.9/bin/pip", False),
    ],
)
@pytest.mark.usefixtures("nothing_starts")
def test_a_python_is_known_by_its_name(tmp_path: Path, file: str, found: bool) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 1\n")
    path.chmod(0o755)
    environ = {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path / "root")}
    assert list(pythons("3.13", environ)) == ([str(path)] if found else [])


@pytest.mark.usefixtures("nothing_starts")
def test_a_plain_python3_is_known_by_what_it_links_to(tmp_path: Path) -> None:
    real, plain = tmp_path / "python3.13", tmp_path / "bin" / "python3"
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    plain.parent.mkdir()
    plain.symlink_to(real)
    environ = {"PATH": str(plain.parent), "PYENV_ROOT": str(tmp_path)}
    assert list(pythons("3.13", environ)) == [str(plain)]
