"""Makes stacks fit for the next update after one that failed, and whose way back failed, too."""

from __future__ import annotations

from collections.abc import Iterable

from harness.engine.clients import Clients


def end_way_back(clients: Clients, names: Iterable[str]) -> None:
    """End the way back of the stacks of these names that are in UPDATE_ROLLBACK_FAILED.

    What cannot go back is skipped, and stays as it is until the next update. So it is with functions whose
    old code is in no bucket any more.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    formation = clients.cloudformation
    for name in names:
        try:
            (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
        except ClientError:
            continue  # there is none
        if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
            pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
            listed = [each for page in pages for each in page["StackResourceSummaries"]]
            stuck = [r["LogicalResourceId"] for r in listed if r["ResourceStatus"] == "UPDATE_FAILED"]
            formation.continue_update_rollback(StackName=name, ResourcesToSkip=stuck)
