"""Pseudo parameters that depend on the Region."""

from __future__ import annotations

from collections.abc import Iterable

from harness.json_types import Json
from harness.regions import domain_of, partition_of


def pseudo_of(region: str, topic_arns: Iterable[str] = ()) -> dict[str, Json]:
    """Return the pseudo parameters that are the same in all accounts. `topic_arns` receive the stack's
    events.
    """
    return {
        "AWS::NotificationARNs": list(topic_arns),
        "AWS::Partition": partition_of(region),
        "AWS::URLSuffix": domain_of(region),
    }
