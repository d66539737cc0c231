"""The clock, account and Region for all builders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT_ID: Final = "123456789012"
REGION: Final = "eu-west-1"


def at(seconds: float) -> datetime:
    """Return the time this number of seconds after START."""
    return START + timedelta(seconds=seconds)


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource in the builders' account and Region.

    >>> arn("lambda", "function:shop-charge")
    'arn:aws:lambda:eu-west-1:123456789012:function:shop-charge'
    """
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"
