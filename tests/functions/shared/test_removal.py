"""Folders left behind by functions are removed, whatever the functions did to them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.functions.shared.removal import remove_tree

ROOT = Path(__file__).parents[3]
# Root can remove everything, so the removal runs as a different user.
AS_NOBODY = """
import os, tempfile
from harness.functions.shared.removal import remove_tree
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
folder = tempfile.mkdtemp(dir="/tmp")
os.makedirs(f"{folder}/closed/inner")
open(f"{folder}/closed/inner/file", "w").close()
for name in ("closed/inner", "closed", ""):
    os.chmod(f"{folder}/{name}", 0)
remove_tree(folder)
print(os.path.lexists(folder))
"""


def test_folders_that_nobody_may_enter_are_removed():
    command = [sys.executable, "-c", AS_NOBODY]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stderr, run.stdout) == ("", "False\n")


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError])
def test_what_cannot_be_removed_stays(tmp_path, monkeypatch, error):
    (tmp_path / "own" / "inner").mkdir(parents=True)

    def refuse(*_args, **_named):
        raise error

    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(os, "rmdir", refuse)
    remove_tree(tmp_path / "own")
    assert (tmp_path / "own").is_dir()
