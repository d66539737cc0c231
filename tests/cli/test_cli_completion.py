"""Completion in real shells through a pseudo-terminal: keys are typed, and the line is read."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from minimal_project import scenario, write

from harness.cli import main
from harness.cli.arguments import parsers
from harness.cli.completing.words import Command, commands_of
from harness.exit_codes import PASSED

SHELLS = {"bash": ("--norc", "--noprofile", "-i"), "zsh": ("-f", "-i"), "fish": ("--no-config", "-i")}
SOURCED = {
    "bash": "source ./completion; echo rea''dy",
    "zsh": "autoload -Uz compinit; compinit -u -d dump; source ./completion; echo rea''dy",
    "fish": "source ./completion; echo rea''dy",
}
LINE_AWAY = "\x15"
TYPED = {
    "harness seed-f\t": "seed-from ",
    "harness run --last\t": "--last-failed ",
    "harness run --engine=minis\t": "--engine=ministack ",
    "harness run -m read\t": "read-only ",
    "harness run -m sl\t": "slow ",
    "harness engines install local\t": "localstack ",
    "harness record --only execut\t": "execution",
    "harness lint scen\t": "scenarios/",
}


class Shell:
    """A shell at a terminal."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal

    def type(self, keys: str, wanted: str) -> str:
        """Type keys and read until the line contains a string. Return everything that was read."""
        os.write(self._terminal, keys.encode())
        read, end = "", time.monotonic() + 30
        while wanted not in read:
            ready, _, _ = select.select([self._terminal], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{keys!r} has come to {read!r}, without {wanted!r}"
            read += os.read(self._terminal, 65_536).decode("utf-8", "replace")
        return read


@contextmanager
def shell(name: str, folder: Path) -> Iterator[Shell]:
    """A shell in a folder, with no Python on its PATH."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        home = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "dumb", "COLUMNS": "200"}
        path = shutil.which(name)
        os.execve(str(path), [name, *SHELLS[name]], home)
    try:
        yield Shell(terminal)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = scenario("One", more="tags: [slow, read-only]  # and so on\n")
    two = scenario("Two", more="tags:\n  - aws\n  - slow\n")
    return write(tmp_path, {"scenarios/a.yaml": one, "scenarios/b.yaml": two})


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_a_tab_completes(folder, capsys, name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    assert main(["completion", name]) == PASSED
    (folder / "completion").write_text(capsys.readouterr().out)
    with shell(name, folder) as at:
        at.type(f"{SOURCED[name]}\n", "ready")
        for keys, wanted in TYPED.items():
            at.type(keys, wanted)
            at.type(LINE_AWAY, "")


def test_fish_completes(folder, capsys):
    if (fish := shutil.which("fish")) is None:
        pytest.skip("fish is not installed")
    assert main(["completion", "fish"]) == PASSED
    (folder / "completion").write_text(capsys.readouterr().out)
    lines = [f"complete -C'{keys.strip()}'" for keys in TYPED]
    command = "; ".join(("source completion", *lines))
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        [fish, "--no-config", "-c", command], cwd=folder, env=home, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    words = [line.split("\t")[0] for line in said]
    assert {wanted.strip() for wanted in TYPED.values()} <= set(words)


def every(commands: list[Command]) -> Iterator[Command]:
    for command in commands:
        yield command
        yield from every(list(command.actions))


def test_each_option_of_the_parser_is_in_each_script(capsys):
    options = {name for each in every(commands_of(*parsers())) for one in each.options for name in one.names}
    assert {"--last-failed", "--lf", "-k", "--keep-names", "--version"} <= options
    for name in SHELLS:
        assert main(["completion", name]) == PASSED
        script = capsys.readouterr().out
        forms = (" {0} ", "'{0} ", " {0}'", "'{0}[", "'{0}=[", " -l {1} ", " -s {1} ")
        found = {each for each in options for form in forms if form.format(each, each.lstrip("-")) in script}
        assert options - found == set()
