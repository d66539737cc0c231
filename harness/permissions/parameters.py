"""A call's parameters, and the ARNs built from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Parameters whose name differs from the variable in the ARN format.
_OTHERWISE = {"BucketName": "Bucket", "ObjectName": "Key", "StateMachineName": "name"}


@dataclass(frozen=True)
class Place:
    """The partition, Region and account of a call, for building ARNs."""

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"


class Parameters:
    """A call's parameters. Step Functions writes `StateMachineArn` where boto3 writes `stateMachineArn`."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = {name.lower(): value for name, value in given.items()}

    def text(self, name: str) -> str | None:
        """Return a parameter that is a string or a number. Default: None."""
        value = self._given.get(name.lower())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) else None

    def texts(self) -> Iterator[str]:
        """Return all parameters that are strings."""
        return (value for value in self._given.values() if isinstance(value, str))

    def mapping(self, name: str) -> Mapping[str, object]:
        """Return a parameter that is a mapping. Default: an empty mapping."""
        value = self._given.get(name.lower())
        return value if isinstance(value, Mapping) else {}

    def listed(self, name: str) -> list[object]:
        """Return a parameter that is a list. Default: an empty list."""
        value = self._given.get(name.lower())
        return value if isinstance(value, list) else []

    def arn(self, form: str, place: Place) -> str | None:
        """Return the ARN in this format from the parameters, which specify it as a whole or in parts.

        Return None if there is none.

        A format is for example `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`.
        """
        pattern = _pattern(form)
        for value in self.texts():
            if value.startswith("arn:") and pattern.fullmatch(value):
                return value
        here = {"Partition": place.partition, "Region": place.region, "Account": place.account_id}
        parts = {name: here.get(name) or self._part(name) for name in _VARIABLE.findall(form)}
        if any(part is None or part.startswith("arn:") for part in parts.values()):
            return None
        return _VARIABLE.sub(lambda found: parts[found[1]] or "", form)

    def _part(self, name: str) -> str | None:
        if name == "SecretId" or (name == "KeyId" and (self.text(name) or "").startswith("alias/")):
            # a secret's ARN has a suffix that its name does not contain; a key's ARN does not contain its
            # alias
            return None
        if name == "QueueName" and (url := self.text("QueueUrl")):
            # https://sqs.eu-west-1.amazonaws.com/123456789012/jobs
            return url.rpartition("/")[2]
        return self.text(name) or self.text(_OTHERWISE.get(name, name))


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    """Return the regular expression for ARNs in this format.

    The last part matches anything. Other parts end at a colon.
    """
    pieces = _VARIABLE.split(form)  # literal text and names alternate
    regex = ""
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 2 and not pieces[-1]
        regex += re.escape(piece) if index % 2 == 0 else ".+" if last else "[^:]*"
    return re.compile(regex)
