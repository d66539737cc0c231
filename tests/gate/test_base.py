"""A different commit of the project."""

import subprocess

import pytest

from harness.gate.base import BaseError, checked_out


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    (folder / "project").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "project" / "template.yaml").write_text("one")
    commit(folder)
    (folder / "project" / "template.yaml").write_text("two")
    commit(folder)
    return folder


def git(folder, *arguments):
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def commit(folder):
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "a change")


def test_files_of_another_commit_are_in_a_folder_that_goes_away(repository):
    (repository / "project" / "template.yaml").write_text("not committed")
    with checked_out(repository / "project", "HEAD~1") as base:
        assert (base.project / "template.yaml").read_text() == "one"
        assert base.project == base.folder / "project"
    assert not base.folder.exists()
    assert (repository / "project" / "template.yaml").read_text() == "not committed"


@pytest.mark.parametrize("ref", ["nothing", "-v", ""])
def test_a_commit_that_is_not_there_is_refused(repository, ref):
    with pytest.raises(BaseError, match=r"is not a commit|not found"), checked_out(repository, ref):
        pass


def test_a_shallow_clone_says_how_to_get_the_rest(repository, tmp_path):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", str(clone))
    with pytest.raises(BaseError, match="fetch-depth: 0"), checked_out(clone, "HEAD~1"):
        pass


def test_a_folder_without_a_repository_is_refused(tmp_path):
    with pytest.raises(BaseError, match="not a git repository"), checked_out(tmp_path, "main"):
        pass


def test_a_project_that_was_not_there_yet_is_refused(repository):
    (repository / "later").mkdir()
    (repository / "later" / "template.yaml").write_text("")
    commit(repository)
    with (
        pytest.raises(BaseError, match="this folder is not in HEAD~1"),
        checked_out(repository / "later", "HEAD~1"),
    ):
        pass
