"""The level of a finding, from its rule, the settings, or a new rule; and accepted findings."""

from __future__ import annotations

import pytest
from gate_project import ERROR, NOTE, WARNING, finding

from harness.acceptance import Acceptance
from harness.gate.finding import Rule
from harness.gate.judged import Judge
from harness.gate.parts import LAST, PARTS, rules
from harness.gate_settings import GateSettings


def test_the_level_is_that_of_the_rule():
    judge = Judge(GateSettings())
    assert [judge.level(rule) for rule in (ERROR, WARNING, NOTE)] == ["error", "warning", "note"]


def test_settings_make_rules_fail_warn_and_find_nothing():
    judge = Judge(GateSettings(fail=("test-note",), warn=("*-error",), off=("test-w*",)))
    assert judge.level(NOTE) == "error"
    assert judge.level(ERROR) == "warning"
    assert judge.judge(finding(WARNING)) is None


@pytest.mark.parametrize(
    ("harness", "adopted", "level"),
    [
        ("0.2.0", "0.1", "warning"),
        ("0.2.7", "0.1.3", "warning"),
        ("0.2.0", "0.2", "error"),
        ("0.3.0", "0.1", "error"),
        ("0.1.0", "0.1", "error"),
    ],
)
def test_a_new_rule_warns_for_one_minor_release_unless_it_was_adopted(harness, adopted, level):
    judge = Judge(GateSettings(since=adopted), harness=harness)
    rule = Rule("new-rule", "It is new.", "0.2" if harness != "0.1.0" else "0.1")
    assert judge.level(rule) == level


def test_an_accepted_finding_does_not_fail_and_its_entry_is_in_use():
    entry = Acceptance("known", rule="test-*", subject="Tab?e")
    other = Acceptance("known", rule="test-*", subject="Queue")
    judge = Judge(GateSettings(), (entry, other, Acceptance("a limit", limit="sns-message")))
    accepted, failing = judge.judge(finding()), judge.judge(finding(subject="Topic"))
    assert (accepted.fails, accepted.accepted) == (False, entry)
    assert failing.fails
    assert judge.used == {entry}


def test_subjects_are_no_regular_expressions():
    entry = Acceptance("known", rule="test-error", subject="a[b] (c)*")
    assert entry.fits("test-error", "a[b] (c) and more\nlines")
    assert not entry.fits("test-error", "ab c")


def test_every_rule_has_an_id_of_its_own_that_begins_with_its_part_and_a_version():
    known = rules()
    assert len({rule.id for rule in known}) == len(known)
    assert all(rule.since == "0.1" and rule.title.endswith(".") for rule in known)
    assert all(part.rules for part in (*PARTS, LAST))
