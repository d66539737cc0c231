import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from documentation import blocks
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_report import aws, create_message
from usage_report.about import About, Selected, rows_command
from usage_report.aggregate import Aggregate
from usage_report.create_message import rows_of_run
from usage_report.message import compose
from usage_report.origin import Origin
from usage_report.rows import Row, rows_of, to_item
from usage_report.selection import Selection
from usage_report.size import in_binary_units
from usage_report.summary import Summary, Unread, summarise

PAGE = "how-to/report-operate.md"
TABLE = "s3-usage-UsageTable-1A2B3C4D5E6F"
NUMBERS = re.compile(r"^  (\S+): ([\d,]+) objects?, ([\d.]+ \w+)(?: \((?:[\d.]+|less than 0\.1) %\))?$")
START = datetime(2026, 11, 27, 7, 17, 39, tzinfo=UTC)
ALL = Selected("", "", 2)


def about(selected: Selected = ALL, run_id: str = "run-1", **changed: Any) -> About:
    origin = Origin("123456789012", "eu-central-1", "s3-usage")
    facts = About(
        origin, run_id, selected, START, START + timedelta(seconds=31), "s3-usage-UsageTable-1A2B3C4D5E6F", 90
    )
    return replace(facts, **changed)


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


def message_for(
    outcomes: Mapping[str, Mapping[str, Any]], missing: tuple[str, ...] = (), selected: Selected = ALL
) -> tuple[str, str]:
    return compose(summarise("run-1", [*outcomes, *missing], rows_for(outcomes)), about(selected))


def lists(body: str) -> dict[str, dict[str, tuple[int, str]]]:
    """Objects and size by name, under each heading."""
    found: dict[str, dict[str, tuple[int, str]]] = {}
    heading = ""
    for line in body.splitlines():
        if match := NUMBERS.match(line):
            name, objects, size = match.groups()
            found.setdefault(heading, {})[name] = (int(objects.replace(",", "")), size)
        elif not line.startswith(" "):
            heading = line
    return found


PHOTOS = counted(nef=(500, 12_000_000_000), jpg=(1, 2_097_152), txt=(1, 5))
QUERY = (
    f"aws dynamodb query --region eu-central-1 --table-name {TABLE} "
    "--key-condition-expression 'run_id = :run AND bucket_extension > :rows' "
    """--expression-attribute-values '{":run": {"S": "run-1"}, ":rows": {"S": "$"}}' """
    "--query 'Items[].[bucket.S,extension.S,object_count.N,total_bytes.N,status.S,reason.S]' --output text"
)


def test_the_message_reads_well() -> None:
    subject, body = message_for({"photos": PHOTOS, "attic": counted()})
    assert subject == "S3 usage of 123456789012: 2 buckets, 502 objects, 11.2 GiB"
    assert body == (
        "S3 usage of account 123456789012\n"
        "\n"
        "2 buckets, 502 objects, 11.2 GiB in total.\n"
        "Counted on 2026-11-27 from 07:17:39 to 07:18:10 UTC.\n"
        "No patterns are in force: the report covers all buckets of the account.\n"
        "Nothing is missing: every selected bucket was read.\n"
        "\n"
        "By extension\n"
        "  .nef: 500 objects, 11.2 GiB (100.0 %)\n"
        "  .jpg: 1 object, 2.0 MiB (less than 0.1 %)\n"
        "  .txt: 1 object, 5 B (less than 0.1 %)\n"
        "\n"
        "By bucket\n"
        "  photos: 502 objects, 11.2 GiB (100.0 %)\n"
        "  attic: 0 objects, 0 B\n"
        "\n"
        "What is counted\n"
        "The report counts the current versions of all objects in general-purpose buckets, in every region.\n"
        "It does not count older versions, delete markers and the parts of unfinished uploads, although they "
        "cost money, too. It does not count directory buckets (S3 Express One Zone), table buckets and "
        "vector buckets.\n"
        "1 KiB is 1,024 bytes, 1 MiB is 1,024 KiB, and so on. Percentages are shares of the bytes.\n"
        "\n"
        "Where to find the details\n"
        f"The exact numbers of every bucket by extension are in the DynamoDB table {TABLE} for 90 days. "
        "To read them with the AWS CLI:\n"
        f"{QUERY}\n"
        "\n"
        "This run\n"
        "Account: 123456789012\n"
        "Region: eu-central-1 (of the stack and its table; buckets may be in any region)\n"
        "Stack: s3-usage\n"
        "Run id: run-1\n"
    )
    assert body in blocks("text", PAGE)


def test_an_account_without_buckets_is_told_from_patterns_that_select_none() -> None:
    subject, body = message_for({}, selected=Selected("", "", 0))
    assert subject == "S3 usage of 123456789012: no buckets"
    assert "\nThe account has none, and no patterns are in force.\n" in body
    subject, body = message_for({}, selected=Selected("log-*", "", 4))
    assert subject == "S3 usage of 123456789012: the patterns select none of 4 buckets"
    assert "\nPatterns in force: include log-*.\n" in body
    assert "\nThe patterns select NONE of the account's 4 buckets.\n" in body
    assert "Nothing is missing" not in body


def test_the_patterns_in_force_and_what_they_leave_out_are_said() -> None:
    _, body = message_for({"a": counted(), "b": counted()}, selected=Selected("a, b", "*-old", 4))
    assert "\nPatterns in force: include a, b; exclude *-old.\n" in body
    assert "\nThey select 2 of the account's 4 buckets; the other 2 are not in this report.\n" in body
    _, body = message_for({"a": counted()}, selected=Selected("*", "", 1))
    assert "\nThey select all buckets of the account.\n" in body


def test_many_patterns_are_shown_in_part() -> None:
    words = Selection(tuple(f"bucket-{n:04}" for n in range(900)), ("line\nbreak",)).in_words()
    assert words["include"].startswith("bucket-0000, bucket-0001, ")
    assert words["include"].endswith(", ... (824 more)")
    assert len(words["include"]) < 1_100
    assert words["exclude"] == "line break"


def test_an_incomplete_report_says_so_and_names_the_bucket_and_why() -> None:
    denied = {"status": "DENIED", "reason": "AccessDenied: Access Denied"}
    subject, body = message_for({"photos": counted(jpg=(1, 1)), "secret": denied}, missing=("lost",))
    assert subject == "S3 usage of 123456789012: 1 bucket, 1 object, 1 B, 2 buckets not read"
    assert "THIS REPORT IS INCOMPLETE: 2 buckets could not be read, and the numbers" in body
    assert "  lost: NOT STORED (its numbers could not be written to the table)\n" in body
    assert "  secret: DENIED (AccessDenied: Access Denied)\n" in body
    assert "Nothing is missing" not in body


def test_classes_of_extensions_are_explained_where_they_occur() -> None:
    outcome = counted(jpg=(1, 1))
    outcome["extensions"]["(none)"] = [1, 1]
    _, body = message_for({"photos": outcome})
    assert "(none) stands for keys without an extension." in body
    assert "(folder)" not in body


def test_a_run_over_midnight_has_both_days() -> None:
    ended = datetime(2026, 11, 28, 0, 5, tzinfo=UTC)
    found = compose(summarise("run-1", [], []), about(ended=ended))
    assert "Counted on 2026-11-27 from 07:17:39 to 2026-11-28 00:05:00 UTC." in found.body


@pytest.mark.parametrize("run_id", ["run-1", "o'clock", 'it is $(rm) "5" é'])
def test_the_command_is_the_same_after_a_shell_has_read_it(run_id: str) -> None:
    words = shlex.split(rows_command(about(run_id=run_id)))
    values = json.loads(words[words.index("--expression-attribute-values") + 1])
    assert values == {":run": {"S": run_id}, ":rows": {"S": "$"}}
    condition = words[words.index("--key-condition-expression") + 1]
    assert condition == "run_id = :run AND bucket_extension > :rows"


@pytest.mark.parametrize("unread", [0, 1, 999_999])
@pytest.mark.parametrize("objects", [0, 10**9, 10**15, 10**24])
def test_a_subject_is_never_too_long_for_sns(unread: int, objects: int) -> None:
    gone = tuple(Unread(str(n), "DENIED", "") for n in range(unread))
    huge = Summary("run-1", {".x": Aggregate(objects, objects * 10**6)}, {"b": Aggregate(1, 1)}, gone)
    subject, _ = compose(huge, about())
    assert len(subject) < 100
    assert subject.startswith("S3 usage of 123456789012: ")
    assert ("INCOMPLETE" in subject or "not read" in subject) == bool(unread)


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
    for numbers_of in lists(body).values():
        assert sum(count for count, _ in numbers_of.values()) == everything[0]
    if kept:
        size = in_binary_units(everything[1])
        assert f"{len(kept):,} bucket{'' if len(kept) == 1 else 's'}, " in subject
        assert f" {everything[0]:,} object{'' if everything[0] == 1 else 's'}, {size}" in subject
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
    by_extension = lists(body)["By extension"]
    assert by_extension["(others)"][0] > 0
    assert sum(count for count, _ in by_extension.values()) == extensions


def test_the_largest_buckets_are_shown_and_the_others_added_up() -> None:
    _, body = message_for({f"bucket-{n:02}": counted(x=(1, n)) for n in range(30)})
    by_bucket = lists(body)["The 20 largest buckets"]
    assert next(iter(by_bucket)) == "bucket-29"
    assert by_bucket["(others)"] == (10, f"{sum(range(10))} B")


def test_rows_are_read_page_by_page_and_consistently(stubbed: Any) -> None:
    dynamodb, answers = stubbed("dynamodb")
    first, second = (to_item(row) for row in rows_for({"a": counted(), "b": counted()}))
    query = {
        "TableName": "T",
        "ConsistentRead": True,
        "KeyConditionExpression": "run_id = :run_id AND bucket_extension > :key",
        "ExpressionAttributeValues": {":run_id": {"S": "run-1"}, ":key": {"S": "$"}},
    }
    last = {"run_id": {"S": "run-1"}, "bucket_extension": {"S": "a/#status"}}
    answers.add_response("query", {"Items": [first], "LastEvaluatedKey": last}, query)
    answers.add_response("query", {"Items": [second]}, {**query, "ExclusiveStartKey": last})
    assert [row["bucket"] for row in rows_of_run(dynamodb, "T", "run-1")] == ["a", "b"]


def test_the_handler_takes_the_facts_from_the_machine_its_own_arn_and_the_environment(
    monkeypatch: pytest.MonkeyPatch, stubbed: Any
) -> None:
    dynamodb, answers = stubbed("dynamodb")
    monkeypatch.setattr(aws, "client", {"dynamodb": dynamodb}.__getitem__)
    for name, value in {"STACK_NAME": "s3-usage", "TABLE_NAME": "T", "ROW_RETENTION_DAYS": "1"}.items():
        monkeypatch.setenv(name, value)
    answers.add_response("query", {"Items": [to_item(row) for row in rows_for({"a": counted()})]})
    event = {
        "run_id": "run-1",
        "buckets": ["a"],
        "started": "2026-11-27T07:17:39.123Z",
        "selected": {"include": "a", "exclude": "", "account_buckets": 2},
    }
    arn = "arn:aws-cn:lambda:cn-north-1:210987654321:function:usage-1a2b3c4d-create-message"
    made = create_message.handler(event, SimpleNamespace(invoked_function_arn=arn))
    assert made["subject"] == "S3 usage of 210987654321: 1 bucket, 0 objects, 0 B"
    for said in (
        "They select 1 of the account's 2 buckets; the other one is not in this report.",
        "Counted on 2026-11-27 from 07:17:39 to ",
        "the DynamoDB table T for 1 day.",
        "--region cn-north-1",
        "Stack: s3-usage",
    ):
        assert said in made["message"]
