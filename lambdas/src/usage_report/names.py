"""The names and ARNs of one run. They depend only on the run ID, so that a retried call finds them.

    <prefix>run-1      the report machine of run-1; its execution has the run ID as its name
    <prefix>run-1_2    the second shard that it starts, if one machine cannot handle the buckets

The prefix contains the stack's own ID, so no machine of another stack has it.
"""

import hashlib
import re
from collections.abc import Iterator

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html: 1 to 80
# characters; these are also the characters that CloudWatch allows.
MAX_CHARACTERS = 80
MOST_SHARDS = 500
_SHARD_CHARACTERS = len(f"_{MOST_SHARDS}")
_SAFE = re.compile(r"[A-Za-z0-9_-]+")
_LIKE_A_SHARD = re.compile(r"_[0-9]+$")
_DIGEST_CHARACTERS = 12


def machine_name(prefix: str, run_id: str) -> str:
    """Return the report machine's name: prefix and run ID, or a part of it and its hash if it does not fit.

    `("usage-report-", "run-1")` returns "usage-report-run-1". There is always room for the number of a shard.
    No name ends like the name of a shard: "run_1" is replaced, too.
    """
    longest = MAX_CHARACTERS - len(prefix) - _SHARD_CHARACTERS
    if _SAFE.fullmatch(run_id) and len(run_id) <= longest and not _LIKE_A_SHARD.search(run_id):
        return prefix + run_id
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", run_id)
    return f"{prefix}{readable[: longest - len(digest) - 1]}-{digest}"


def execution_arn(machine_arn: str, run_id: str) -> str:
    """Return the ARN of a machine's only execution, whose name is the run ID."""
    return machine_arn.replace(":stateMachine:", ":execution:", 1) + ":" + run_id


def shard_arn(machine_arn: str, number: int) -> str:
    """Return the ARN of the shard with this number, from 1, of the report machine with that ARN."""
    return f"{machine_arn}_{number}"


def machine_arns(machine_arn: str, shards: int) -> Iterator[str]:
    """Return the ARNs of all machines of a run: the report machine, and its shards."""
    yield machine_arn
    for number in range(1, shards + 1):
        yield shard_arn(machine_arn, number)


def machines_in_words(machine_arn: str, shards: int) -> str:
    """Return the ARNs of all machines of a run, for a reader.

    >>> machines_in_words("arn:run-1", 0)
    'arn:run-1'
    >>> machines_in_words("arn:run-1", 2)
    'arn:run-1, arn:run-1_1 and arn:run-1_2'
    >>> machines_in_words("arn:run-1", 9)
    'arn:run-1 and arn:run-1_1 to arn:run-1_9'
    """
    arns = list(machine_arns(machine_arn, shards))
    if len(arns) > 3:
        return f"{arns[0]} and {arns[1]} to {arns[-1]}"
    return " and ".join(filter(None, [", ".join(arns[:-1]), arns[-1]]))


def deletion_command(machine_arn: str, shards: int) -> str:
    """Return the shell command that deletes all machines of a run.

    >>> deletion_command("arn:run-1", 0)
    'aws stepfunctions delete-state-machine --state-machine-arn arn:run-1'
    >>> deletion_command("run-1", 2)
    'for m in run-1 run-1_{1..2}; do aws stepfunctions delete-state-machine --state-machine-arn $m; done'
    """
    delete = "aws stepfunctions delete-state-machine --state-machine-arn"
    if not shards:
        return f"{delete} {machine_arn}"
    return f"for m in {machine_arn} {machine_arn}_{{1..{shards}}}; do {delete} $m; done"
