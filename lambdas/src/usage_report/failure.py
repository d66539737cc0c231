"""The email about a failed run: the account, the failing step, the cause, and the machine that was kept.

The orchestrator's state ErrorTemplate has the same text, for failures outside the report machine. In both,
`${...}` are the stack's values, as in CloudFormation, and the `{}` are in the order of `Failure`'s fields.
"""

import json
from collections.abc import Mapping, Sequence
from string import Template
from typing import NamedTuple

from usage_report.origin import Origin
from usage_report.reason import in_few_lines

FAILURE_TEXT = """A run of the S3 usage report failed in account ${AccountId}.

What failed: {}
Cause: {}
Error: {}
Failing state: {}
Report machine: {}

Account: ${AccountId}
Region: ${Region}
Stack: ${StackName}
Started: {}
Run id: {}
"""
MOST_NAMES = 3
_WORK_ON_BUCKETS = {"ListObject": "listing", "PutDynamoDB": "writing the numbers of"}
_WORK = {
    "CreateMessage": "composing the message from the table's rows",
    "Publish": "publishing the report",
}


class Failure(NamedTuple):
    """The parts of a failure email, as strings."""

    what: str
    cause: str
    error: str
    state: str
    machine: str
    started: str
    run_id: str


def failure_text(failure: Failure, origin: Origin) -> str:
    """Return the text of the email. A long cause is truncated to its first lines."""
    given = {"AccountId": origin.account, "Region": origin.region, "StackName": origin.stack}
    template = Template(FAILURE_TEXT).substitute(given)
    return template.format(*failure._replace(cause=in_few_lines(failure.cause)))


def buckets_of(definition: str) -> dict[str, str]:
    """Return the buckets by state: `{"ListObject0": "attic", "PutDynamoDB0":
    "attic"}`.

    `definition` is the text of a report machine's definition. All states of a branch belong to its bucket.
    """
    parallel = json.loads(definition)["States"].get("Parallel", {})
    return {
        name: parameters["bucket"]
        for branch in parallel.get("Branches", ())
        if "bucket" in (parameters := branch["States"][branch["StartAt"]].get("Parameters", {}))
        for name in branch["States"]
    }


def works_on_a_bucket(state: str) -> bool:
    """Return whether the state, by its name, is a task for one bucket."""
    return _kind(state) in _WORK_ON_BUCKETS


def _kind(state: str) -> str:
    """Return the name of the state without the number of its branch."""
    return state.rstrip("0123456789")


def work_of(states: Sequence[str], buckets: Mapping[str, str]) -> str:
    """Describe the work of a report machine's states. If there are many buckets, name only some.

    `buckets` is the result of `buckets_of`. For a state that is not in it, the text contains the state's
    name.

    >>> work_of(["ListObject0", "ListObject1"], {"ListObject0": "attic", "ListObject1": "photos"})
    'listing the buckets attic, photos'
    """
    works: list[str] = []
    on_buckets: dict[str, list[str]] = {}
    for state in states:
        if works_on_a_bucket(state) and state in buckets:
            on_buckets.setdefault(_WORK_ON_BUCKETS[_kind(state)], []).append(buckets[state])
        else:
            works.append(_WORK.get(state, f"state {state} of the report machine"))
    for words, names in on_buckets.items():
        works.append(f"{words} the bucket{'' if len(names) == 1 else 's'} {listed(names)}")
    return listed(works) if works else "the report machine, in a state that is not in its history"


def listed(names: Sequence[str]) -> str:
    """Return the names as one line, at most the first few; "(unknown)" for none.

    >>> listed(["A", "B", "C", "D", "E"])
    'A, B, C and 2 more'
    """
    shown, rest = names[:MOST_NAMES], len(names) - MOST_NAMES
    return (", ".join(shown) + (f" and {rest} more" if rest > 0 else "")) or "(unknown)"
