"""`parameters` and `secrets`: values in Parameter Store and Secrets Manager after the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from harness.expect.base import Entry, Overall, keys_are
from harness.expect.contents import Members, Unmet, unmet_members, unmet_value
from harness.expect.matcher import described, unmet
from harness.expect.model import Mismatch
from harness.expect.values import pretty_text
from harness.hidden import hide_given
from harness.json_types import Json
from harness.observe.model import Observation
from harness.scenario.matcher import JsonMatcher, Matcher
from harness.scenario.position import RefusedError
from harness.scenario.seed import Reference

_ALONE = "absent cannot be combined with other keys"


class StoredValue(Matcher):
    """A pattern for a value that is stored as a string."""

    json_value: JsonMatcher | None = Field(
        default=None, alias="json", description="The value is JSON and matches this."
    )
    members: Members | None = Field(
        default=None,
        description="The value is JSON and contains these members. Others are allowed, including in nested "
        "mappings.",
    )
    absent: bool | None = Field(default=None, description="True: the value does not exist.")

    wants: ClassVar[str] = "text, or a mapping with equals, contains, matches, not, json, members or absent"

    @model_validator(mode="after")
    def _only_absent(self) -> StoredValue:
        if self.absent is False:
            raise RefusedError("absent: false has no effect", "remove it, or expect a value")
        if self.absent and len(self.model_fields_set) > 1:
            raise RefusedError(_ALONE, "remove the other keys")
        return self


def _hidden(value: Json) -> Json:
    """Return the same value. From now on, its secret strings are hidden in all output."""
    for text in _texts(value):
        hide_given(text)
    return value


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in ("json", "members"):
                yield json.dumps(inner, default=str)
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


SecretPattern = Annotated[StoredValue, BeforeValidator(_hidden)]


def _unmet(wanted: StoredValue, text: str | None) -> tuple[Unmet, ...]:
    if wanted.absent:
        return () if text is None else (Unmet("absent", ("exists, but must not",), "(none)", text),)
    plain = Matcher.model_construct(
        wanted.model_fields_set & Matcher.model_fields.keys(),
        equals=wanted.equals,
        contains=wanted.contains,
        matches=wanted.matches,
        not_=wanted.not_,
    )
    if text is None:
        return (Unmet("", ("is missing",), described(plain), "(none)"),)
    found = []
    if reasons := unmet(plain, text):
        found.append(Unmet("", reasons, described(plain), pretty_text(text)))
    found += unmet_value("json", wanted.json_value, text)
    found += unmet_members("members", wanted.members, text)
    return tuple(found)


def compare_parameters(
    wanted: Mapping[str, StoredValue], observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Yield a mismatch for each part of a parameter that is not as expected."""
    for name, value in wanted.items():
        for each in _unmet(value, observation.left.parameters.get(name)):
            place = entry.at(name, each.part) if each.part else entry.at(name)
            said = " and ".join(each.reasons)
            yield place.mismatch(said, each.expected, each.seen, f"parameter {name}", " ")


def compare_secrets(
    wanted: Mapping[str, StoredValue], observation: Observation, entry: Entry
) -> Iterator[Mismatch]:
    """Yield a mismatch for each secret that is not as expected. It shows neither the expected nor the actual
    value.
    """
    for name, value in wanted.items():
        text = observation.left.secrets.get(name)
        for each in _unmet(value, text):
            place = entry.at(name, each.part) if each.part else entry.at(name)
            said = "is missing" if text is None else "exists, but must not"
            if text is not None and not value.absent:
                said = f"differs from the expected {each.part or 'text'}"
            yield place.mismatch(said, subject=f"secret {name}", link=" ")


PARAMETERS = Overall[Mapping[str, StoredValue]](
    key="parameters",
    wanted=Mapping[Reference, StoredValue],
    description="The values of SSM parameters, by name, or by logical ID for parameters in the template. "
    "The values in a StringList are separated by commas.",
    names=keys_are("parameter"),
    compare=compare_parameters,
)
SECRETS = Overall[Any](
    key="secrets",
    wanted=Mapping[Reference, SecretPattern],
    description="The values of secrets, by name or ARN, or by logical ID for secrets in the template. "
    "Reports never show them.",
    names=keys_are("secret"),
    compare=compare_secrets,
)
