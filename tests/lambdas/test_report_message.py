import json
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from usage_report.create_message import rows_of_run
from usage_report.message import compose
from usage_report.rows import Row, rows_of, to_item
from usage_report.summary import summarise

NUMBERS = re.compile(r"^  (\S+) +([\d,]+)  +([\d,]+)  +\S+ \S+  +(?:[\d.]+ %|-)$")


def rows_for(outcomes: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    rows: list[Row] = []
    for bucket, outcome in outcomes.items():
        others, status = rows_of("run-1", bucket, outcome, 99)
        rows += [*others, status]
    return sorted(rows, key=lambda row: str(row["bucket_extension"]).encode())


def counted(**extensions: tuple[int, int]) -> dict[str, Any]:
    named = {"." + name: list(numbers) for name, numbers in extensions.items()}
    return {
        "status": "COUNTED",
        "extensions": named,
        "object_count": sum(count for count, _ in named.values()),
        "total_bytes": sum(size for _, size in named.values()),
    }


def message_for(outcomes: Mapping[str, Mapping[str, Any]], missing: tuple[str, ...] = ()) -> tuple[str, str]:
    return compose(summarise("run-1", [*outcomes, *missing], rows_for(outcomes)))


def tables(body: str) -> list[dict[str, tuple[int, int]]]:
    found: list[dict[str, tuple[int, int]]] = []
    for line in body.splitlines():
        if line.lstrip().startswith(("extension ", "bucket ")):
            found.append({})
        elif match := NUMBERS.match(line):
            name, objects, size = match.groups()
            found[-1][name] = (int(objects.replace(",", "")), int(size.replace(",", "")))
    return found


def test_the_message_reads_well() -> None:
    subject, body = message_for(
        {"photos": counted(nef=(500, 12_000_000_000), jpg=(1, 2_097_152), txt=(1, 5)), "attic": counted()}
    )
    assert subject == "S3 usage: 2 buckets, 502 objects, 11.2 GiB"
    assert body == (
        "S3 usage report\n"
        "\n"
        "2 buckets, 502 objects, 11.2 GiB in all.\n"
        "\n"
        "By extension\n"
        "  extension  objects           bytes      size    share\n"
        "  .nef           500  12,000,000,000  11.2 GiB  100.0 %\n"
        "  .jpg             1       2,097,152   2.0 MiB    0.0 %\n"
        "  .txt             1               5       5 B    0.0 %\n"
        "  total          502  12,002,097,157  11.2 GiB  100.0 %\n"
        "\n"
        "Largest buckets\n"
        "  bucket  objects           bytes      size    share\n"
        "  photos      502  12,002,097,157  11.2 GiB  100.0 %\n"
        "  attic         0               0       0 B    0.0 %\n"
        "  total       502  12,002,097,157  11.2 GiB  100.0 %\n"
        "\n"
        "Run id: run-1\n"
    )


def test_no_buckets_at_all_is_said() -> None:
    subject, body = message_for({})
    assert subject == "S3 usage: no buckets"
    assert "There are no buckets to report on" in body


def test_an_incomplete_report_says_so_and_names_the_bucket_and_why() -> None:
    denied = {"status": "DENIED", "reason": "AccessDenied: Access Denied"}
    subject, body = message_for({"photos": counted(jpg=(1, 1)), "secret": denied}, missing=("lost",))
    assert subject == "S3 usage: 1 bucket, 1 object, 1 B, 2 buckets not read"
    assert "THIS REPORT IS INCOMPLETE: 2 buckets could not be read, and the numbers" in body
    assert "  lost: NOT STORED (its numbers could not be written to the table)\n" in body
    assert "  secret: DENIED (AccessDenied: Access Denied)\n" in body


def test_rows_of_a_bucket_without_status_do_not_count() -> None:
    rows = [row for row in rows_for({"a": counted(x=(9, 9)), "b": counted(x=(1, 1))}) if row["bucket"] == "b"]
    lonely = [row for row in rows_for({"a": counted(x=(9, 9))}) if "extension" in row]
    summary = summarise("run-1", ["a", "b"], [*lonely, *rows])
    assert (summary.extensions, [unread.bucket for unread in summary.unread]) == ({".x": (1, 1)}, ["a"])


names = st.text("abcxyz019-", min_size=3, max_size=8)
numbers = st.tuples(st.integers(1, 10**6), st.integers(0, 10**15))
outcomes = st.dictionaries(
    names,
    st.one_of(
        st.just({"status": "DENIED", "reason": "AccessDenied: no"}),
        st.dictionaries(st.text("abcé", min_size=1, max_size=4), numbers, max_size=6).map(
            lambda extensions: counted(**extensions)
        ),
    ),
    max_size=30,
)


@given(outcomes)
@settings(max_examples=60, deadline=None)
def test_the_sums_equal_the_rows(found: dict[str, dict[str, Any]]) -> None:
    subject, body = message_for(found)
    kept = {name: outcome for name, outcome in found.items() if outcome["status"] == "COUNTED"}
    everything = tuple(
        sum(outcome[key] for outcome in kept.values()) for key in ("object_count", "total_bytes")
    )
    for table in tables(body):
        total = table.pop("total")
        assert total == everything
        assert tuple(map(sum, zip(*table.values(), strict=True))) == everything
    for name in found:
        unread = f"\n  {name}: DENIED" in body
        assert unread == (name not in kept)
    assert len(subject) < 100
    assert subject.isascii()


@given(st.integers(6_000, 8_000), st.integers(0, 1_500))
@settings(max_examples=4, deadline=None)
def test_a_long_message_is_folded_below_the_limit_with_the_right_sums(extensions: int, denied: int) -> None:
    found: dict[str, Any] = {"big": counted(**{f"é{n}": (1, n) for n in range(extensions)})}
    found |= {f"{n:063}": {"status": "DENIED", "reason": "r" * 300} for n in range(denied)}
    subject, body = message_for(found)
    assert len(body.encode()) <= 262_144
    assert len(json.dumps({"subject": subject, "message": body})) <= 262_144
    by_extension = tables(body)[0]
    assert by_extension["(others)"][0] > 0
    total = by_extension.pop("total")
    assert total == (extensions, sum(range(extensions)))
    assert tuple(map(sum, zip(*by_extension.values(), strict=True))) == total


def test_the_largest_buckets_are_shown_and_the_others_added_up() -> None:
    _, body = message_for({f"bucket-{n:02}": counted(x=(1, n)) for n in range(30)})
    by_bucket = tables(body)[1]
    assert next(iter(by_bucket)) == "bucket-29"
    assert by_bucket["(others)"] == (10, sum(range(10)))


def test_rows_are_read_page_by_page_and_consistently(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    first, second = (to_item(row) for row in rows_for({"a": counted(), "b": counted()}))
    query = {
        "TableName": "T",
        "ConsistentRead": True,
        "KeyConditionExpression": "run_id = :run_id AND bucket_extension > :no_row",
        "ExpressionAttributeValues": {":run_id": {"S": "run-1"}, ":no_row": {"S": "/"}},
    }
    last = {"run_id": {"S": "run-1"}, "bucket_extension": {"S": "a/#status"}}
    answers.add_response("query", {"Items": [first], "LastEvaluatedKey": last}, query)
    answers.add_response("query", {"Items": [second]}, {**query, "ExclusiveStartKey": last})
    assert [row["bucket"] for row in rows_of_run(dynamodb, "T", "run-1")] == ["a", "b"]
