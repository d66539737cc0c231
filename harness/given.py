"""External values that templates and functions read, and that the user provides instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self

HIDDEN: Final = "***"
"""Placeholder for a value that is not shown."""
GIVEN: Final = ("exports", "outputs", "ssm", "secrets")
"""Keys for such values in a scenario's `stack` and in the settings."""
Type = Literal["String", "StringList", "SecureString"]


@dataclass(frozen=True)
class StoredParameter:
    """A Parameter Store parameter. The value of a StringList is separated by commas."""

    value: str = field(repr=False)
    type: Type = "String"

    def __str__(self) -> str:
        return HIDDEN if self.type == "SecureString" else self.value


@dataclass(frozen=True)
class SecretText:
    """A secret string, which is never shown."""

    text: str = field(repr=False)

    def __str__(self) -> str:
        return HIDDEN


@dataclass(frozen=True)
class Outputs:
    """The outputs of a stack: `{"VpcId": "vpc-1"}`."""

    values: Mapping[str, str]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.values.items())


@dataclass(frozen=True)
class Given:
    """Exports by name, outputs by stack and name, parameters by name, secrets by name or ARN."""

    exports: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Outputs] = field(default_factory=dict)
    ssm: Mapping[str, StoredParameter] = field(default_factory=dict)
    secrets: Mapping[str, SecretText] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.exports, self.outputs, self.ssm, self.secrets))

    def over(self, other: Given) -> Given:
        """Add values from another object for keys that are not set in this one."""
        stacks = {*self.outputs, *other.outputs}
        return Given(
            {**other.exports, **self.exports},
            {each: Outputs({**_outputs(other, each), **_outputs(self, each)}) for each in sorted(stacks)},
            {**other.ssm, **self.ssm},
            {**other.secrets, **self.secrets},
        )

    def written(self) -> str:
        """Serialize the values as JSON, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """Parse the output of `written`."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            found["exports"],
            {name: Outputs(**each) for name, each in found["outputs"].items()},
            {name: StoredParameter(**each) for name, each in found["ssm"].items()},
            {name: SecretText(**each) for name, each in found["secrets"].items()},
        )


def _outputs(given: Given, stack: str) -> Mapping[str, str]:
    return given.outputs[stack].values if stack in given.outputs else {}
