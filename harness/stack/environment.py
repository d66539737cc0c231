"""Stacks that CDK made for an account and a region which the engine is not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from harness.engine.base import Endpoint
from harness.notes import Note
from harness.planned import Planned


def environment_notes(planned: Iterable[Planned], endpoint: Endpoint) -> Iterator[Note]:
    """A note for each stack that is made for elsewhere: what it names there by its ARN is not here."""
    here = f"aws://{endpoint.account_id}/{endpoint.region}"
    for stack in planned:
        if stack.environment and stack.environment != here:
            yield Note(
                "template",
                f"{os.path.relpath(stack.template)}:1",
                stack.name,
                f"it is made for {stack.environment}, and deployed to {here}: ARNs with that account and "
                "region written in them lead to nothing here; set account and region in [tool.harness], or "
                "leave `env` out of the app",
            )
