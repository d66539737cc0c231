"""Prepares stacks for the next update when both an update and its rollback have failed."""

from __future__ import annotations

from collections.abc import Iterable

from harness.engine.clients import Clients


def end_way_back(clients: Clients, names: Iterable[str]) -> None:
    """Of the stacks with these names, finish the rollback of those in UPDATE_ROLLBACK_FAILED.

    Resources that cannot be rolled back are skipped and stay unchanged until the next update. An example is a
    function whose old code is no longer in a bucket.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    formation = clients.cloudformation
    for name in names:
        try:
            (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
        except ClientError:
            continue  # the stack does not exist
        if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
            pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
            listed = [each for page in pages for each in page["StackResourceSummaries"]]
            stuck = [r["LogicalResourceId"] for r in listed if r["ResourceStatus"] == "UPDATE_FAILED"]
            formation.continue_update_rollback(StackName=name, ResourcesToSkip=stuck)
