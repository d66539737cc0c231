"""AWS Regions and partitions, and the default account and Region."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

REGION, ACCOUNT = "us-east-1", "123456789012"
"""The default Region and account."""


@dataclass(frozen=True)
class Place:
    """A Region and an account ID. "" stands for a value that is not known in advance."""

    region: str = REGION
    account: str = ACCOUNT

    def __str__(self) -> str:
        return f"aws://{self.account}/{self.region}"


_PARTITIONS: Final = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
)
"""Region prefixes with their partition and its domain, from botocore's data/partitions.json."""


def zones_of(region: str) -> list[str]:
    """Return names for a Region's Availability Zones, more than any template uses."""
    return [f"{region}{letter}" for letter in "abcdef"]


def partition_of(region: str) -> str:
    """Return a Region's partition.

    >>> partition_of("us-isob-east-1")
    'aws-iso-b'
    """
    return next((name for beginning, name, _ in _PARTITIONS if region.startswith(beginning)), "aws")


def domain_of(region: str) -> str:
    """Return the domain for services in a Region.

    >>> domain_of("cn-north-1")
    'amazonaws.com.cn'
    """
    return next(
        (domain for beginning, _, domain in _PARTITIONS if region.startswith(beginning)), "amazonaws.com"
    )


@lru_cache
def regions() -> dict[str, str]:
    """Return the AWS Regions that botocore knows, each with its partition."""
    from botocore.loaders import Loader  # noqa: PLC0415  (start-up)

    found = Loader().load_data("partitions")["partitions"]
    return {
        region: each["id"] for each in found for region in each["regions"] if not region.endswith("-global")
    }
