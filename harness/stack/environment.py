"""Accounts and Regions that stacks are built for, and the ones that they are deployed to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

from harness.engine.base import Endpoint
from harness.engine.place import CHOOSABLE
from harness.notes import Note
from harness.planned import Planned
from harness.regions import ACCOUNT, REGION, Place
from harness.settings import Settings

_ACCOUNT, _REGION = "unknown-account", "unknown-region"
"""Placeholders for any account or Region: aws-cdk-lib/cx-api/lib/environment.ts in
https://github.com/aws/aws-cdk.
"""
_NOWHERE: Final = ("", "")


def environment_of(region: str) -> str:
    """Return the environment for a Region in any account, in CDK's notation."""
    return f"aws://{_ACCOUNT}/{region}"


def place_of(planned: Iterable[Planned], settings: Settings) -> Place:
    """Return the account and Region to deploy stacks to: from the settings, otherwise the stacks' target.

    An engine with its own Region and account is not queried. Both may then be unknown.
    """
    if settings.engine not in CHOOSABLE:
        return Place(settings.endpoint_region or "", "")
    accounts, regions = set(), set()
    for account, region in map(_parts, planned):
        accounts |= {account} if account else set()
        regions |= {region} if region else set()
    agreed = [each.pop() if len(each) == 1 else "" for each in (regions, accounts)]
    return Place(settings.region or agreed[0] or REGION, settings.account or agreed[1] or ACCOUNT)


def environment_notes(planned: Iterable[Planned], endpoint: Endpoint) -> Iterator[Note]:
    """Return a note for each stack with a different target, where resources referenced by ARN do not
    exist.
    """
    here = Place(endpoint.region, endpoint.account_id)
    for stack in planned:
        account, region = _parts(stack)
        if (account and account != here.account) or (region and region != here.region):
            yield Note(
                "template",
                f"{os.path.relpath(stack.template)}:1",
                stack.name,
                f"it is built for {stack.environment}, but deployed to {here}. The emulator has no "
                f"resources in {stack.environment}; set account and region in [tool.harness], or remove them "
                "from the app or its samconfig",
            )


def _parts(stack: Planned) -> tuple[str, str]:
    """Return the account and Region that a stack is built for; "" means any."""
    account, _, region = stack.environment.removeprefix("aws://").partition("/")
    return ("" if account == _ACCOUNT else account), ("" if region == _REGION else region)
