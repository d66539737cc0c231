"""Entries that have expired or match nothing are findings. A baseline accepts all current findings."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from gate_project import ERROR, NOTE, WARNING, context, finding, judged

from harness.acceptance import Acceptance
from harness.gate.accepting import TO_DO, baseline, check_accepted, read_baseline
from harness.settings import SettingsError
from harness.settings_reading import load_settings

SETTINGS = """\
[tool.harness]
template = "t"

[[tool.harness.accept]]
limit = "sns-message"
reason = "never so long"
until = 2026-11-26

[[tool.harness.accept]]
rule = "test-error"
subject = "Table"
reason = "moved by hand"
until = 2026-11-27

[[tool.harness.accept]]
rule = "test-warning"
subject = "*"
reason = "soon"
"""


@pytest.fixture
def entries(tmp_path):
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return load_settings(tmp_path, {}).accept


def test_an_entry_that_has_ended_is_a_finding_at_its_line(tmp_path, entries):
    here = context(tmp_path, accepted=entries, day=date(2026, 11, 27))
    found = list(check_accepted(here))
    assert [(each.rule.id, each.line) for each in found] == [("accept-ended", 4)]
    assert found[0].message == "the acceptance of sns-message expired on 2026-11-26: never so long"
    here.today = lambda: date(2026, 11, 28)
    assert [each.line for each in check_accepted(here)] == [4, 9]


def test_an_entry_that_fits_nothing_is_noted_when_all_was_looked_at(tmp_path, entries):
    here = context(tmp_path, accepted=entries, day=date(2026, 1, 1))
    here.judge.judge(finding())
    assert list(check_accepted(here)) == []
    here.complete = {"test-error", "test-warning"}
    assert [(each.rule.id, each.line) for each in check_accepted(here)] == [("accept-unused", 15)]


def test_a_baseline_is_sorted_and_accepts_what_it_was_written_for(tmp_path):
    found = [judged(WARNING, 'a "quoted"\\one'), judged(ERROR, "Table"), judged(ERROR, "Queue"), judged(NOTE)]
    path = tmp_path / "baseline.toml"
    path.write_text(baseline(found))
    entries = read_baseline(path)
    assert [(e.rule, e.subject) for e in entries] == [
        ("test-error", "Queue"),
        ("test-error", "Table"),
        ("test-warning", 'a "quoted"\\one'),
    ]
    assert all(any(e.fits(each.finding.rule.id, each.finding.subject) for e in entries) for each in found[:3])
    assert {entry.reason for entry in entries} == {TO_DO}
    here = context(tmp_path, accepted=entries)
    assert {each.rule.id for each in check_accepted(here)} == {"accept-unreviewed"}


def test_reasons_and_ends_of_a_baseline_are_kept_and_entries_of_the_settings_are_not_repeated(tmp_path):
    kept = Acceptance("mended in May", rule="test-error", subject="Table", until=date(2027, 5, 1))
    settled = Acceptance("why", rule="test-error", subject="Topic", file=tmp_path / "pyproject.toml")
    found = [
        judged(ERROR, "Table", Acceptance(**{**vars(kept), "file": tmp_path / "baseline.toml"})),
        judged(ERROR, "Topic", settled),
    ]
    (entry,) = tomllib.loads(baseline(found))["accept"]
    assert (entry["reason"], entry["until"]) == ("mended in May", date(2027, 5, 1))


def test_a_second_baseline_of_the_same_findings_is_the_same(tmp_path):
    text = baseline([judged(subject="b"), judged(subject="a")])
    assert text == baseline([judged(subject="a"), judged(subject="b")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accept = 1", "accept must be an array of tables"),
        ('[[accept]]\nrule = "a"\nsubject = "b"', "accept[0] has no reason"),
        ("[[allow]]\n[[accept]]", "unknown key 'allow'"),
        ("[[accept", "invalid TOML"),
    ],
)
def test_a_wrong_baseline_is_refused(tmp_path, text, said):
    path = tmp_path / "baseline.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read_baseline(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
