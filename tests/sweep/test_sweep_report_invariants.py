"""Invariants of the S3 usage report under any failure (scenarios/invariants.py), from both sides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep_samples import message, point, seen

from harness.observe.model import Message, Observation
from harness.sweep.invariants import load_invariants
from harness.sweep.model import Played, Variant
from harness.testing import an_execution, played

FILE = Path(__file__).parents[2] / "scenarios" / "invariants.py"
INVARIANTS = {invariant.__name__: invariant for invariant in load_invariants(FILE)}
REPORT = message("S3 usage of 123456789012: 1 bucket, 2 objects, 2 B", "1 bucket")
PHOTOS = {"photos/.jpg": (2, 2, None), "photos/#status": (2, 2, "COUNTED")}
DENIED = {"secret/#status": (0, 0, "DENIED")}


def rows(of: Mapping[str, tuple[int, int, str | None]]) -> dict[str, Any]:
    table = [
        {"run_id": "run-1", "bucket_extension": key, "object_count": n, "total_bytes": size, "status": status}
        for key, (n, size, status) in of.items()
    ]
    return {"tables": {"Usage": tuple(table)}}


def left(
    status: str, of: Mapping[str, Any], *messages: Message, error: str | None = None, **more: Any
) -> Observation:
    return seen(an_execution(status, error=error), messages=messages, **rows(of), **more)


def wrong(name: str, now: Observation, base: Mapping[str, Any] = PHOTOS) -> list[str]:
    return list(INVARIANTS[name](played(now, left("SUCCEEDED", base, REPORT))))


def test_one_report_after_success_and_one_error_that_names_the_cause_after_failure() -> None:
    error = message("S3 usage of 123456789012: a run failed", "Error: Boom")
    assert not wrong("never_silent", left("SUCCEEDED", PHOTOS, REPORT))
    assert not wrong("never_silent", left("FAILED", PHOTOS, error, error="Boom"))
    assert not wrong("never_silent", left("FAILED", PHOTOS, REPORT, error, error="Boom"))
    assert wrong("never_silent", left("SUCCEEDED", PHOTOS)) == [
        "run-1 SUCCEEDED and sent 0 reports instead of one"
    ]
    assert wrong("never_silent", left("SUCCEEDED", PHOTOS, REPORT, REPORT))
    assert wrong("never_silent", left("SUCCEEDED", PHOTOS, REPORT, error))
    assert wrong("never_silent", left("FAILED", PHOTOS, error="Boom"))
    assert wrong("never_silent", left("FAILED", PHOTOS, error, error="Crash"))
    assert wrong("never_silent", left("TIMED_OUT", PHOTOS, error)) == [
        "run-1 ended TIMED_OUT without a message"
    ]


def test_what_is_not_counted_is_named() -> None:
    both = {**PHOTOS, **DENIED}
    named = message(
        "S3 usage of 123456789012: 1 bucket, 2 objects, 2 B, 1 bucket not read", "  secret: DENIED (no)"
    )
    assert not wrong("complete_or_named", left("SUCCEEDED", both, named))
    assert wrong("complete_or_named", left("SUCCEEDED", both, REPORT)) == [
        "run-1: the report does not say that bucket secret is missing"
    ]
    assert wrong("complete_or_named", left("SUCCEEDED", {}, REPORT))


def test_the_numbers_of_a_report_are_those_of_its_rows() -> None:
    other = message("S3 usage of 123456789012: 1 bucket, 3 objects, 2 B")
    assert wrong("complete_or_named", left("SUCCEEDED", PHOTOS, other)) == [
        "run-1: the report says [1, 3] buckets and objects, the rows say [1, 2]"
    ]


def test_rows_are_exact_or_do_not_pretend() -> None:
    part = {"photos/#status": (0, 0, "FAILED")}
    assert not wrong("rows_are_exact", left("SUCCEEDED", part, REPORT))
    assert not wrong("rows_are_exact", left("SUCCEEDED", {"photos/.jpg": (2, 2, None)}, REPORT))
    assert wrong("rows_are_exact", left("SUCCEEDED", {"photos/#status": (0, 0, "COUNTED")}, REPORT))
    assert wrong("rows_are_exact", left("SUCCEEDED", {"photos/.jpg": (4, 4, None)}, REPORT))


def test_a_machine_is_left_only_after_a_failure_that_names_it() -> None:
    told = message("S3 usage of 123456789012: a run failed", "Report machine: report-run-1 was kept")
    kept = {"machines_left": ("report-run-1",)}
    assert not wrong("machines_are_named", left("FAILED", PHOTOS, told, **kept))
    assert wrong(
        "machines_are_named",
        left("FAILED", PHOTOS, message("S3 usage of 123456789012: a run failed"), **kept),
    )
    assert len(wrong("machines_are_named", left("SUCCEEDED", PHOTOS, REPORT, **kept))) == 2


def trial(now: Observation, variant: Variant, **of_point: Any) -> Played:
    return played(now, left("SUCCEEDED", PHOTOS, REPORT), point=point(**of_point), variant=variant)


def test_passing_trouble_changes_nothing() -> None:
    invariant = INVARIANTS["passing_trouble_changes_nothing"]
    failed = left("FAILED", PHOTOS, error="E")
    assert list(invariant(trial(failed, Variant("error", "SlowDown", {}))))
    assert list(invariant(trial(failed, Variant("cut", "after", {}))))
    assert list(invariant(trial(left("SUCCEEDED", {}, REPORT), Variant("twice", "", {}))))
    assert not list(invariant(trial(failed, Variant("error", "AccessDenied", {}))))
    assert not list(invariant(trial(failed, Variant("cut", "after", {}), what="sns:publish")))


def test_one_bucket_is_one_line() -> None:
    invariant = INVARIANTS["one_bucket_is_one_line"]
    failed = left("FAILED", PHOTOS, error="E")
    denied = Variant("error", "AccessDenied", {})
    assert list(invariant(trial(failed, denied, bucket="photos")))
    assert not list(invariant(trial(failed, denied)))
    assert not list(invariant(trial(left("SUCCEEDED", PHOTOS, REPORT), denied, bucket="photos")))
