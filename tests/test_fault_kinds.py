"""Every kind of fault is known wherever it has to be: what is forgotten in one place is told here."""

from __future__ import annotations

from harness import conduct
from harness.expect import faults as expectation
from harness.functions.faults import KINDS as DONE
from harness.scenario.faults import KINDS as WRITTEN
from harness.sweep.variants import KINDS as SWEPT


def test_all_kinds_are_known_everywhere_and_in_one_order() -> None:
    written = [kind.key for kind in WRITTEN]
    assert [kind.name for kind in DONE] == written
    assert [name for name, _ in SWEPT] == written
    assert list(conduct.ARGUMENTS) == written
    assert list(expectation.WORDS) == written


def test_a_scenario_may_say_of_what_a_kind_is_and_the_kind_can_do_it() -> None:
    for written, done in zip(WRITTEN, DONE, strict=True):
        assert {conduct.TARGETS[target] for target in written.targets} == done.targets
