import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_report import aws, put_dynamodb
from usage_report.errors import Transient
from usage_report.put_dynamodb import Backoff, write
from usage_report.rows import Row, from_item, rows_of, to_item


class Table:
    """Accepts the items that `accept` allows, and records every batch."""

    def __init__(self, accept: Callable[[int], int] = lambda sent: sent) -> None:
        self.accept = accept
        self.batches: list[list[str]] = []
        self.items: dict[str, Row] = {}

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803
        [(table, requests)] = RequestItems.items()
        keys = [request["PutRequest"]["Item"]["bucket_extension"]["S"] for request in requests]
        assert 1 <= len(keys) <= 25
        assert len(set(keys)) == len(keys)
        self.batches.append(keys)
        taken = self.accept(len(requests))
        for request in requests[:taken]:
            row = from_item(request["PutRequest"]["Item"])
            self.items[str(row["bucket_extension"])] = row
        left = requests[taken:]
        return {"UnprocessedItems": {table: left} if left else {}}


def some_rows(count: int) -> list[Row]:
    extensions = {f".{n}": [1, n] for n in range(count)}
    return rows_of("run", "photos", {"status": "COUNTED", "extensions": extensions}, 99)[0]


def counted_pauses() -> tuple[Backoff, list[float]]:
    pauses: list[float] = []
    return Backoff(lambda: 100.0, pauses.append, lambda _low, high: high), pauses


@given(st.integers(0, 80), st.integers(1, 25))
def test_every_row_arrives_whatever_is_left_unprocessed(count: int, at_a_time: int) -> None:
    table, (backoff, _) = Table(lambda sent: min(sent, at_a_time)), counted_pauses()
    write(table, "T", some_rows(count), backoff)  # type: ignore[arg-type]
    assert list(table.items.values()) == some_rows(count)


def test_pauses_grow_and_begin_anew_for_each_batch() -> None:
    table, (backoff, pauses) = Table(lambda sent: min(sent, 10)), counted_pauses()
    write(table, "T", some_rows(50), backoff)  # type: ignore[arg-type]
    assert pauses == [0.05, 0.1, 0.05, 0.1]


def test_rows_that_are_never_taken_are_transient_when_the_time_is_up() -> None:
    left = iter([20.0, 12.0, 5.0])
    backoff = Backoff(lambda: next(left), lambda _: None)
    with pytest.raises(Transient, match="3 rows unprocessed"):
        write(Table(lambda _sent: 0), "T", some_rows(3), backoff)  # type: ignore[arg-type]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def put(monkeypatch: pytest.MonkeyPatch, table: Table, counted: dict[str, Any]) -> dict[str, int]:
    monkeypatch.setenv("TABLE_NAME", "T")
    monkeypatch.setenv("ROW_RETENTION_DAYS", "2")
    monkeypatch.setattr(aws, "client", {"dynamodb": table}.__getitem__)
    monkeypatch.setattr(put_dynamodb.time, "time", lambda: 1_000.9)
    event = {"run_id": "run-1", "bucket": "photos", "counted": counted}
    return put_dynamodb.handler(event, Context())


def test_the_status_row_is_written_alone_and_last(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    counted = {
        "status": "COUNTED",
        "extensions": {".jpg": [2, 7], ".txt": [1, 0]},
        "object_count": 3,
        "total_bytes": 7,
    }
    assert put(monkeypatch, table, counted) == {"rows": 3}
    assert table.batches == [["photos/.jpg", "photos/.txt"], ["photos/#status"]]
    common = {"run_id": "run-1", "bucket": "photos", "expires_at": 1_000 + 2 * 86_400}
    assert table.items["photos/.jpg"] == {
        **common,
        "bucket_extension": "photos/.jpg",
        "extension": ".jpg",
        "object_count": 2,
        "total_bytes": 7,
    }
    assert table.items["photos/#status"] == {
        **common,
        "bucket_extension": "photos/#status",
        "status": "COUNTED",
        "object_count": 3,
        "total_bytes": 7,
    }


def test_no_status_row_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(lambda _sent: 0)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _self: 1_000)
    with pytest.raises(Transient):
        put(monkeypatch, table, {"status": "COUNTED", "extensions": {".jpg": [1, 1]}})
    assert table.batches == [["photos/.jpg"]]


@pytest.mark.parametrize(
    ("counted", "status", "reason"),
    [
        ({"status": "DENIED", "reason": "AccessDenied: no"}, "DENIED", "AccessDenied: no"),
        (
            {"Error": "Transient", "Cause": json.dumps({"errorMessage": "slow\ndown", "errorType": "T"})},
            "FAILED",
            "Transient: slow down",
        ),
        ({"Error": "Sandbox.Timedout", "Cause": "timed out"}, "FAILED", "Sandbox.Timedout: timed out"),
        ({"Error": "E", "Cause": "x" * 32_000}, "FAILED", "E: " + "x" * 294 + "..."),
    ],
)
def test_a_bucket_that_was_not_counted_has_a_status_row_with_the_reason(
    counted: dict[str, str], status: str, reason: str
) -> None:
    rows, status_row = rows_of("run", "photos", counted, 99)
    assert rows == []
    assert (status_row["status"], status_row["reason"]) == (status, reason)
    assert (status_row["object_count"], status_row["total_bytes"]) == (0, 0)


@given(st.dictionaries(st.text(min_size=1), st.one_of(st.text(), st.integers())))
def test_items_are_the_rows_in_another_notation(row: Row) -> None:
    assert from_item(to_item(row)) == row
