"""The check as commands use it: run in parallel with the engine start, cached, disabled."""

from __future__ import annotations

import json
import os
import stat
from datetime import date
from importlib.metadata import version
from pathlib import Path

import minimal_project
import pytest
from lint_samples import GOOD
from minimal_project import TEMPLATE, scenario

from harness import kept_texts
from harness.cli import main
from harness.exit_codes import PASSED, WRONG
from harness.lint import check, remembered, rules
from harness.lint.check import Check, TemplateRefused, begin, refuse, warnings
from harness.lint.model import Finding, read, written
from harness.lint.wording import said
from harness.settings import Settings, SettingsError

pytestmark = pytest.mark.usefixtures("kept_engines")

MISSPELT = TEMPLATE + "  Topic: {Type: AWS::SNS::Topik}\n"
SAID = "template.yaml:12:11: E3006: resource type 'AWS::SNS::Topik' does not exist in us-east-1; did you mean"
SMALL = Finding(
    "E3034", 30, 7, "50 is less than the minimum of 128", ("Resources", "F", "Properties", "MemorySize")
)
OLD = Finding(
    "E2531",
    28,
    7,
    "Runtime 'python3.9' was deprecated on '2025-12-15'. Creation was disabled on '2026-06-01' and update on "
    "'2026-07-01'. Please consider updating to 'python3.14'",
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; `AWS_REGION` is not set."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    return tmp_path / "cache" / "stepfunctions-harness" / "lint"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(GOOD)
    return path


def remember(cache: Path, template: Path, *findings: Finding) -> None:
    name = remembered.key(template, {}, "us-east-1", os.environ.get("HOME", "/"))
    assert name is not None
    kept_texts.keep(cache, name, written(findings))


def refused(template: Path, **settings: object) -> list[str]:
    try:
        begin(template, Settings(root=template.parent, **settings), start=False)  # type: ignore[arg-type]
    except TemplateRefused as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_refused_template_is_2_and_no_scenario_of_it_passes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    minimal_project.project(tmp_path, a=scenario())
    (tmp_path / "template.yaml").write_text(MISSPELT)
    monkeypatch.chdir(tmp_path)
    for command in ("run", "validate"):  # found during the engine start, then cached
        assert main([command]) == WRONG
        shown = capsys.readouterr()
        assert shown.err.startswith(SAID)
        assert shown.err.splitlines()[1:] == ["for more: harness explain template-refused"]
        assert "PASS" not in shown.out
    assert len(list(cache.iterdir())) == 1
    with (tmp_path / "pyproject.toml").open("a") as settings:
        settings.write("lint = false\n")
    assert main(["validate"]) == PASSED


@pytest.mark.usefixtures("nothing_starts")
def test_what_is_remembered_starts_nothing(cache: Path, template: Path) -> None:
    remember(cache, template, SMALL)
    (problem,) = refused(template)
    assert problem.endswith("template.yaml:30:7: E3034: MemorySize: 50 is less than 128; write 128 or more")


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("off", "count"), [((), 1), (("E3034",), 0), (("E30",), 0), (("E3033",), 1), (("E",), 0), (False, 0)]
)
def test_rules_are_turned_off_by_id_by_beginning_or_all(
    cache: Path, template: Path, off: object, count: int
) -> None:
    remember(cache, template, SMALL)
    assert len(refused(template, lint=off)) == count


@pytest.mark.usefixtures("nothing_starts")
def test_warnings_are_no_refusal_and_tell_aws_s_dates(cache: Path, template: Path) -> None:
    remember(cache, template, OLD, Finding("W3002", 3, 1, "This is style"))
    settings = Settings(root=template.parent)
    found = begin(template, settings)
    refuse(found, settings)
    (style,) = warnings(found, settings, date(2025, 12, 14))
    assert "W3002: This is style" in str(style)
    _, runtime = warnings(found, settings, date(2025, 12, 15))
    assert str(runtime).endswith(
        "E2531: the runtime python3.9 has been deprecated since 2025-12-15; Lambda blocks creating "
        "functions with it from 2026-06-01, and updating them from 2026-07-01; move to python3.14"
    )


@pytest.mark.parametrize("text", ["", "{", "[[1]]", '[["E1", "x", 1, "m", [], ""]]', '{"a": 1}'])
def test_a_broken_cache_is_no_cache(cache: Path, template: Path, text: str) -> None:
    name = remembered.key(template, {}, "us-east-1", os.environ.get("HOME", "/"))
    assert name is not None
    kept_texts.keep(cache, name, text)
    assert remembered.recall(cache, name) is None


def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept_texts.keep(tmp_path / "file" / "lint", "a", "[]")
    assert remembered.recall(tmp_path / "file" / "lint", "a") is None


class _Found:
    """A cfn-lint process with findings."""

    returncode = 0

    def communicate(self) -> tuple[str, str]:
        return written([SMALL]), ""


@pytest.mark.parametrize("saved", [GOOD, GOOD + "\n"])
def test_what_was_saved_while_it_was_checked_is_not_remembered(
    cache: Path, template: Path, saved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = Check(template, {})
    monkeypatch.setattr(under_way, "start", _Found)
    under_way._lifeline = template.open()
    template.write_text(saved)
    assert under_way.findings() == (SMALL,)
    template.write_text(GOOD)
    assert Check(template, {}).is_known == (saved == GOOD)
    assert cache.exists() == (saved == GOOD)


def test_findings_survive_the_cache() -> None:
    assert read(written([SMALL, OLD])) == (SMALL, OLD)


def test_the_key_has_all_that_findings_depend_on(tmp_path: Path, template: Path) -> None:
    def key() -> str | None:
        return remembered.key(template, {}, "us-east-1", str(tmp_path / "home"))

    first = key()
    assert key() == first
    assert remembered.key(template, {"A": "1"}, "us-east-1", str(tmp_path / "home")) != first
    assert remembered.key(template, {}, "eu-west-1", str(tmp_path / "home")) != first
    (tmp_path / ".cfnlintrc").write_text("ignore_checks: [E3034]\n")
    assert key() not in (first, None)
    (tmp_path / ".cfnlintrc").write_text("append_rules: [mine]\n")
    assert key() is None
    (tmp_path / ".cfnlintrc").unlink()
    template.write_text(GOOD + "# more\n")
    assert key() != first


def test_the_nearest_cfnlintrc_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert remembered.configuration_folder(inner / "t.yaml") == inner
    (tmp_path / "a" / ".cfnlintrc").write_text("")
    assert remembered.configuration_folder(inner / "t.yaml") == tmp_path / "a"


def test_a_cfn_lint_that_breaks_down_is_said_with_the_way_around(
    cache: Path, tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nread -r _\necho 'no module cfnlint' >&2\nexit 1\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(check.sys, "executable", str(python))
    with pytest.raises(SettingsError, match=r"crashed: no module cfnlint; .* lint = false"):
        Check(template, {}).findings()
    assert not cache.exists()


def test_the_table_has_every_rule_of_the_version_that_it_is_for() -> None:
    from cfnlint.rules import Rules

    assert version("cfn-lint") == rules.MADE_WITH
    found = {rule.id for rule in Rules.create_from_module("cfnlint.rules").values() if rule.id[0] == "E"}
    assert found <= rules.ERRORS | rules.WARNINGS | rules.LIFECYCLES
    assert not rules.ERRORS & (rules.WARNINGS | rules.LIFECYCLES)


@pytest.mark.parametrize(
    "finding",
    [
        Finding("E1017", 1, 1, "None is not one of ['', 'af-south-1']", (), "enum"),
        Finding("E3002", 1, 1, "'192.168.1.0/0' is not a 'ipv4-network'", (), "format"),
        Finding("E3017", 1, 1, "'aws/sns' is not valid under any of the given schemas", (), "anyOf"),
        Finding("E1157", 1, 1, "'aws/sns' is not a 'AWS::KMS::Key.Arn'", (), "format"),
        Finding("E1041", 1, 1, "{'Ref': 'Role'} does not match destination format of 'AWS::IAM::Role.Arn'"),
        Finding(
            "E3710", 1, 1, "Resource type 'AWS::A::B' is from a service that was shut down on 2025-12-15"
        ),
        Finding("E0000", 1, 1, 'Duplicate found "Topic" (line 3)'),
        Finding("E3601", 1, 1, "'Nope' is not one of ['Pass', 'Task']", (), "enum"),
        Finding("E0001", 1, 1, "Error transforming template"),
    ],
)
def test_what_sound_templates_of_aws_have_is_no_error(finding: Finding) -> None:
    assert not rules.is_error(finding)


def test_a_rule_of_a_newer_cfn_lint_is_a_warning_that_says_so() -> None:
    newer = Finding("E9999", 1, 1, "something new")
    assert not rules.is_error(newer)
    assert said(newer, "1.99.0").remedy.endswith(
        "this is a warning because cfn-lint 1.99.0 added the rule after 1.58.0"
    )


def test_a_date_of_yaml_is_shown_as_it_is_written() -> None:
    path = ("AWSTemplateFormatVersion",)
    message = "datetime.date(2010, 9, 10) is not one of ['2010-09-09']"
    said_of_it = said(Finding("E1001", 1, 1, message, path, "enum"), rules.MADE_WITH)
    assert said_of_it.message == "E1001: AWSTemplateFormatVersion: '2010-09-10' is not one of AWS's values"
    assert "2010-09-09" in said_of_it.remedy


def test_a_finding_names_the_construct_of_cdk(cache: Path, tmp_path: Path) -> None:
    template = tmp_path / "Shop.template.json"
    metadata = {"aws:cdk:path": "Shop/Told/Resource"}
    resources = {
        "Told1234ABCD": {"Type": "AWS::SNS::Topic", "Metadata": metadata},
        "Plain": {"Type": "A::B::C"},
    }
    template.write_text(json.dumps({"Resources": resources}))
    remember(
        cache,
        template,
        Finding("E3002", 1, 2, "'x' is a required property", ("Resources", "Told1234ABCD", "Properties")),
        Finding("E3003", 1, 3, "'x' is a required property", ("Resources", "Plain", "Properties")),
        Finding("E1001", 1, 1, "'y' is a required property", ("Resources",)),
    )
    assert [problem.partition(".json:")[2] for problem in refused(template)] == [
        "1:1: E1001: 'y' is missing; add it",
        "1:2: Shop/Told (Told1234ABCD, AWS::SNS::Topic): E3002: 'x' is missing in Told1234ABCD; add it",
        "1:3: E3003: 'x' is missing in Plain; add it",
    ]
