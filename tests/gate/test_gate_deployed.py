"""Settings and definitions in the base, and unreadable bases."""

from __future__ import annotations

import pytest
from gate_project import commit, context, repository
from minimal_project import PYPROJECT, TEMPLATE

from harness.gate.base import BaseError, checked_out
from harness.gate.deployed import definitions_of_base, definitions_of_head, settings_of_base
from harness.settings_reading import load_settings


@pytest.fixture
def folder(tmp_path):
    return repository(tmp_path)


def at_base(folder):
    here = context(folder)
    here.settings = load_settings(folder, {})
    return here


def test_definitions_of_both_sides(folder):
    (folder / "template.yaml").write_text(TEMPLATE.replace('"Done"', '"End"'))
    here = at_base(folder)
    with checked_out(folder, "HEAD") as here.base:
        assert list(definitions_of_head(here)["Machine"]["States"]) == ["End"]
        assert list(definitions_of_base(here)["Machine"]["States"]) == ["Done"]
    here.base, here.base_template = None, folder / "template.yaml"
    assert list(definitions_of_base(here)["Machine"]["States"]) == ["End"]


def test_without_a_base_there_are_no_definitions_of_it(folder):
    assert definitions_of_base(at_base(folder)) is None


def test_the_settings_of_the_base_are_its_own(folder):
    (folder / "pyproject.toml").write_text(PYPROJECT + 'stack_name = "new"\n')
    with checked_out(folder, "HEAD") as base:
        settings = settings_of_base(base, folder)
        assert (settings.stack_name, settings.root) == ("stack", base.project.resolve())


def test_a_base_without_settings_has_those_of_today_with_its_own_files(folder):
    (folder / "pyproject.toml").write_text("[project]\n")
    commit(folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    with checked_out(folder, "HEAD") as base:
        assert settings_of_base(base, folder).template == base.project.resolve() / "template.yaml"


def test_a_base_whose_settings_are_wrong_says_so_and_names_no_folder_that_goes_away(folder):
    (folder / "pyproject.toml").write_text("[tool.harness]\ntemplat = 1\n")
    commit(folder)
    said = r"invalid settings of HEAD \(.*\): pyproject.toml: .tool.harness.: unknown key 'templat'"
    with checked_out(folder, "HEAD") as base, pytest.raises(BaseError, match=said):
        settings_of_base(base, folder)


def test_a_template_of_the_base_that_cannot_be_read_has_no_definitions(folder):
    (folder / "template.yaml").write_text("Resources: [")
    commit(folder)
    here = at_base(folder)
    with checked_out(folder, "HEAD") as here.base:
        assert definitions_of_base(here) == {}
