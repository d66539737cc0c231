from __future__ import annotations

from expect_samples import HEAD, counted, mismatches, pairs, row, seen

from harness.testing import an_execution

KIB = 1024
DONE = (row("photos", "#status", status="COUNTED"), row("attic", "#status", status="COUNTED"))
AGGREGATES = """\
  aggregates:
    photos:
      .jpg: [2, 4 KiB]
      .nef: [500, 12 GB]
    attic: {}
"""
JPG, NEF = counted("photos", ".jpg", 2, 4 * KIB), counted("photos", ".nef", 500, 12_000_000_000)


def test_rows_that_are_all_as_expected() -> None:
    assert mismatches(AGGREGATES, seen(rows=(*DONE, JPG, NEF))) == []


def test_a_wrong_count_says_how_far_it_is_off() -> None:
    few = counted("photos", ".jpg", 1, 4 * KIB)
    assert mismatches(AGGREGATES, seen(rows=(*DONE, few, NEF))) == [
        "6: aggregates: bucket photos, extension .jpg: expected 2 objects, seen 1 (1 object too few)"
    ]


def test_wrong_bytes_are_said_in_the_unit_of_the_file_where_that_is_exact() -> None:
    rows = (*DONE, counted("photos", ".jpg", 2, 5 * KIB), counted("photos", ".nef", 500, 11_999_999_999))
    assert mismatches(AGGREGATES, seen(rows=rows)) == [
        "6: aggregates: bucket photos, extension .jpg: expected 4 KiB, seen 5 KiB (1 KiB too many)",
        "7: aggregates: bucket photos, extension .nef: expected 12 GB, seen 11,999,999,999 B (1 B too few)",
    ]


def test_missing_and_extra_rows() -> None:
    rows = (*DONE, counted("photos", ".JPG", 2, 4 * KIB), NEF)
    assert mismatches(AGGREGATES, seen(rows=rows)) == [
        "5: aggregates: bucket photos, extension .JPG: not expected, seen 2 objects, 4 KiB "
        "(only letter case differs from .jpg)",
        "6: aggregates: bucket photos, extension .jpg: expected 2 objects, 4 KiB, seen no row "
        "(only letter case differs from .JPG)",
    ]


def test_a_bucket_without_rows_says_its_status() -> None:
    status = row("photos", "#status", status="DENIED", reason="AccessDenied")
    found = mismatches(AGGREGATES, seen(rows=(status, DONE[1])))
    assert found == ["5: aggregates: bucket photos: no rows; its status is DENIED (AccessDenied)"]
    assert pairs(AGGREGATES, seen(rows=(status, DONE[1]))) == [
        (
            ".jpg: 2 objects, 4 KiB\n.nef: 500 objects, 11,718,750 KiB",
            "(no rows; its status is DENIED (AccessDenied))",
        )
    ]


def test_a_bucket_without_rows_and_status_was_never_looked_at() -> None:
    assert mismatches(AGGREGATES, seen(rows=())) == [
        "5: aggregates: bucket photos: no rows; it has no status row either"
    ]


def test_rows_of_buckets_that_are_not_listed() -> None:
    rows = (*DONE, JPG, NEF, counted("secret", ".a", 1, 5), counted("secret", ".b", 2, 0))
    assert mismatches(AGGREGATES, seen(rows=rows)) == [
        "4: aggregates: bucket secret: not expected, seen .a: 1 object, 5 B; .b: 2 objects, 0 B"
    ]


def test_numbers_that_are_none_are_shown() -> None:
    rows = (*DONE, row("photos", ".jpg", object_count="2"), NEF)
    assert mismatches(AGGREGATES, seen(rows=rows)) == [
        "6: aggregates: bucket photos, extension .jpg: expected 2 objects, seen 2; "
        "expected 4 KiB, seen nothing"
    ]


def test_equal_differences_in_many_buckets_are_one_mismatch() -> None:
    expect = '  aggregates: {"b-{n:02}": {count: 12, extensions: {.txt: [1, 5 B]}}}\n'
    rows = [counted(f"b-{n:02}", ".txt", 1 if n in (1, 7) else 2, 5) for n in range(1, 13)]
    assert mismatches(expect, seen(rows=tuple(rows))) == [
        "4: aggregates: bucket b-02 and 9 others, extension .txt: expected 1 object, "
        "seen 2 (1 object too many)"
    ]


def test_each_run_has_its_own_rows() -> None:
    head = HEAD + "run: [{name: first}, {name: second}]\n"
    rows = (counted("photos", ".a", 1, 5, run="first"), counted("photos", ".a", 2, 5, run="second"))
    observation = seen(an_execution(name="first"), an_execution(name="second"), rows=rows)
    assert mismatches("  aggregates: {photos: {.a: [1, 5]}}\n", observation, head) == [
        "5: aggregates: run second: bucket photos, extension .a: expected 1 object, "
        "seen 2 (1 object too many)"
    ]


def test_status_and_reason() -> None:
    expect = (
        "  bucket_status:\n"
        "    photos: COUNTED\n"
        "    attic: {status: DENIED, reason: {contains: AccessDenied}}\n"
        '    "b-{n:02}": {status: COUNTED, count: 12}\n'
    )
    rows = [row(f"b-{n:02}", "#status", status="COUNTED") for n in range(1, 12)]
    rows += [
        row("photos", "#status", status="FAILED", reason="timed out"),
        row("attic", "#status", status="DENIED", reason="forbidden"),
    ]
    assert mismatches(expect, seen(rows=tuple(rows))) == [
        "5: bucket_status: bucket photos: expected COUNTED, seen FAILED (timed out)",
        '6: bucket_status: bucket attic: the reason does not contain "AccessDenied"',
        "7: bucket_status: bucket b-12: expected COUNTED, seen no status row",
    ]
