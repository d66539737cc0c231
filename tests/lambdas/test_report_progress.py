"""The stored state of a listing counts once, whichever invocation stores it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tables import Table

from usage_report import aws, progress
from usage_report.aggregate import Aggregate
from usage_report.lanes import NOTHING, Listed
from usage_report.progress import Progress

SOME = Listed({".jpg": Aggregate(2, 4096), "(none)": Aggregate(1, 0)}, (("b", "m"), ("x", None)), 30)
MORE = Listed({".jpg": Aggregate(5, 9999)}, (("y", None),), 60)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    made = Table()
    monkeypatch.setattr(aws, "client", lambda _service: made)
    return made


def kept() -> Progress:
    return Progress("T", "run-1", "photos", 1_790_000_000)


def test_nothing_is_kept_at_the_beginning(table: Table) -> None:
    assert kept().load() == (0, NOTHING)
    assert table.items == {}


def test_what_is_kept_is_what_was_listed(table: Table) -> None:
    kept().save(SOME, 0)
    assert kept().load() == (1, SOME)
    kept().save(MORE, 1)
    assert kept().load() == (2, MORE)
    assert {item["expires_at"]["N"] for item in table.items.values()} == {"1790000000"}
    assert all(name.startswith("#progress/photos") for name in table.items)


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_invocations_that_began_alike_one_counts(table: Table, before: int) -> None:
    if before:
        kept().save(SOME, 0)
    kept().save(SOME, before)
    kept().save(MORE, before)
    assert kept().load() == (before + 1, SOME)


def test_a_large_state_is_kept_in_parts(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PART_BYTES", 1_000)
    large = Listed({f".{n * n:x}": Aggregate(n, n**3) for n in range(5_000)}, (("b", None),), 7_000)
    kept().save(large, 0)
    assert len(table.items) > 20
    assert kept().load() == (1, large)


def test_the_parts_of_a_state_are_never_written_over(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PART_BYTES", 20)
    kept().save(SOME, 0)
    before = dict(table.items)
    kept().save(MORE, 0)  # the same invocation, repeated, is too late
    assert {name: table.items[name] for name in before} == before
    assert len(table.items) > len(before)
    assert kept().load() == (1, SOME)


def test_a_state_of_which_a_part_has_expired_is_nothing_and_is_replaced(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PART_BYTES", 20)
    kept().save(SOME, 0)
    del table.items[next(name for name in table.items if name.endswith("/1"))]
    assert kept().load() == (1, NOTHING)
    kept().save(MORE, 1)
    assert kept().load() == (2, MORE)


def test_other_errors_are_raised(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutItem")

    monkeypatch.setattr(table, "put_item", refused)
    with pytest.raises(ClientError, match="AccessDenied"):
        kept().save(SOME, 0)
