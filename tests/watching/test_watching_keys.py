"""Enter, while files are watched."""

from __future__ import annotations

import os

from harness.watching.files import Files
from harness.watching.keys import Keys


def test_enter_is_heard_and_other_keys_are_not():
    ours, theirs = os.pipe()
    keys = Keys(ours)
    assert keys.are_heard
    assert not keys.asked_within(0)
    os.write(theirs, b"x")
    assert not keys.asked_within(0)
    os.write(theirs, b"\n")
    assert keys.asked_within(0)
    os.close(theirs)
    assert not keys.asked_within(0)
    assert not keys.are_heard  # Ctrl-D
    os.close(ours)


def test_without_a_terminal_nothing_is_heard():
    assert not Keys(None).are_heard
    assert not Keys(None).asked_within(0)


def test_enter_ends_the_wait_without_a_file(tmp_path):
    (tmp_path / "a.py").write_text("1")
    files = Files()
    files.add([tmp_path / "a.py"])
    assert files.wait(lambda _: True) == ()


def test_a_file_that_is_saved_ends_the_wait(tmp_path):
    (tmp_path / "a.py").write_text("1")
    files = Files()
    files.add([tmp_path / "a.py"])

    def saved(_: float) -> bool:
        (tmp_path / "a.py").write_text("22")
        return False

    assert files.wait(saved) == (tmp_path / "a.py",)
