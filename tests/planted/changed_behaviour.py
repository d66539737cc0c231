"""Defects that make a run do more, wait differently, or recover from fewer errors."""

from __future__ import annotations

from defect import CODE, DEFINITION, TEMPLATE, TWO, Defect, code, of, resource, template
from update_projects import Copy

played = of("scenarios", "behaviour", scenarios=TWO)
STATUS = '    status = execution["status"]\n    if status in RUNNING:'
ASKED = "    if sfn.describe_execution(executionArn=execution_arn) and status in RUNNING:"
LANES = "        lanes = Lanes(s3,"
SUMMARY = "        summary = summarise("
QUERIES = """\
        for name in buckets:
            list(items_of_run(dynamodb, settings.table, run_id, "bucket_extension > :key", name))
"""
RETRIES = '_RETRY_PUTTING: list[dict[str, Any]] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": '
ROWS = "        write(dynamodb, settings.table, rows, backoff)\n"
ROW = "        write(dynamodb, settings.table, [status], backoff)\n"


def polls_are_not_retried(copy: Copy) -> None:
    text = (copy.folder / DEFINITION).read_text()
    begin = text.index('      "Retry": [', text.index('    "DescribeExecution": {'))
    copy.definition(text[begin : text.index("\n      ],\n", begin) + 10], "")


CHANGED_BEHAVIOUR: dict[str, Defect] = {
    "each poll asks twice": played(
        code("describe_execution", STATUS, STATUS.partition("    if")[0] + ASKED),
        *("behaviour-changed", CODE + "describe_execution.py", "and status in RUNNING", "2 before, 4 now"),
    ),
    "polls are not retried any more": of("definitions")(
        polls_are_not_retried,
        *(
            "behaviour-error-handling",
            DEFINITION,
            '"DescribeExecution": {',
            "is no longer retried",
        ),
    ),
    "a poll every five seconds": of("definitions")(
        template(
            "Default: 30\n    MinValue: 1\n    MaxValue: 300",
            "Default: 5\n    MinValue: 1\n    MaxValue: 300",
        ),
        *("behaviour-definition", TEMPLATE, "Default: 5", "the substitution PollIntervalSeconds"),
        after="  PollIntervalSeconds:",
    ),
    "twice the memory": played(
        resource("CreateMessageFunction", "MemorySize: 512", "MemorySize: 1024"),
        *("behaviour-changed", TEMPLATE, "MemorySize: 1024", "GB-seconds of CreateMessageFunction"),
    ),
    "another request for each bucket": played(
        code("list_objects", LANES, f"        s3.list_objects_v2(Bucket=bucket, MaxKeys=1)\n{LANES}"),
        *(
            "behaviour-changed",
            CODE + "list_objects.py",
            "MaxKeys=1",
            "s3:ListObjectsV2: 2 before, 4",
        ),
    ),
    "a query for each bucket": played(
        code("create_message", SUMMARY, QUERIES + SUMMARY),
        *(
            "behaviour-changed",
            CODE + "create_message.py",
            "for name in buckets",
            "dynamodb:Query: 1 before, 3",
        ),
    ),
    "rows are not written again": played(
        code("definition", f"{RETRIES}MOST_RETRIES}}]", f"{RETRIES}0}}]"),
        *(
            "behaviour-made-handling",
            CODE + "definition.py",
            "_RETRY_PUTTING: list",
            "MaxAttempts 0, previously 10",
        ),
    ),
    "a bucket is complete before its rows are": played(
        code("put_dynamodb", ROWS + ROW, ROW + ROWS),
        *(
            "behaviour-changed",
            CODE + "put_dynamodb.py",
            "rows, backoff",
            "makes its calls in a different order",
        ),
        after="[status], backoff",
    ),
}
