"""The clock, the account and the region of all builders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT_ID: Final = "123456789012"
REGION: Final = "eu-west-1"


def at(seconds: float) -> datetime:
    """The time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def arn(service: str, resource: str) -> str:
    """The ARN of a resource of the account and region that all builders use.

    >>> arn("lambda", "function:shop-charge")
    'arn:aws:lambda:eu-west-1:123456789012:function:shop-charge'
    """
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"
