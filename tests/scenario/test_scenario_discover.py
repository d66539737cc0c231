"""Files and folders to scenario files."""

import pytest

from harness.scenario.discover import discover
from harness.scenario.position import ScenarioError


@pytest.fixture
def folder(tmp_path):
    for name in ("b.yaml", "a.yml", "sub/c.yaml", "notes.txt", ".hidden/d.yaml", "empty/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def test_a_folder_gives_its_files_sorted_and_without_hidden_ones(folder):
    assert discover([folder]) == (folder / "a.yml", folder / "b.yaml", folder / "sub/c.yaml")


def test_files_keep_their_order_and_come_once(folder):
    assert discover([folder / "b.yaml", folder]) == (
        folder / "b.yaml",
        folder / "a.yml",
        folder / "sub/c.yaml",
    )


def test_a_folder_may_itself_be_below_a_hidden_one(folder):
    assert discover([folder / ".hidden"]) == (folder / ".hidden/d.yaml",)


def test_every_path_that_gives_nothing_is_told(folder):
    with pytest.raises(ScenarioError) as error:
        discover([folder / "none", folder / "empty", folder / "notes.txt"])
    assert list(map(str, error.value.problems)) == [
        f"{folder / 'empty'}:1:1: this folder has no scenario files; name one that has .yaml files",
        f"{folder / 'none'}:1:1: there is no such file or folder; correct the path",
        f"{folder / 'notes.txt'}:1:1: this is no scenario file; name a .yaml or .yml file, or a folder",
    ]
