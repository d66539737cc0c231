"""Templates after their transforms: local includes are inserted, and SAM is translated."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from harness import kept_texts
from harness.cloudformation.evaluate import Open
from harness.cloudformation.faults import refuse
from harness.cloudformation.prepare import with_includes, without_transforms
from harness.cloudformation.pseudo import pseudo_of
from harness.cloudformation.reading import read
from harness.cloudformation.sam import SAM
from harness.cloudformation.static_names import Surroundings
from harness.cloudformation.transforms import transforms_of
from harness.files import read_text
from harness.functions.host.pythons import cache_folder
from harness.json_types import JsonObject
from harness.regions import REGION, Place, zones_of
from harness.stack.sam_project import with_build

FORMAT: Final = 1
"""Version of the cached results. The aws-sam-translator version is appended to it."""
NO_PARAMETERS: Final[Mapping[str, str]] = {}


def _zones(region: str) -> list[str]:
    if not region:
        raise Open
    return zones_of(region)


def host(region: str) -> Surroundings:
    """Return the environment without an engine. Values that depend on the account or the Region remain
    unknown.
    """
    return Surroundings(pseudo_of(region), None, _zones, region=region)


def surroundings_of(name: str, place: Place) -> Surroundings:
    """Return a stack's environment, as far as it is known before the stack is created."""
    here = host(place.region or REGION)
    more = {"AWS::Region": place.region, "AWS::AccountId": place.account, "AWS::StackName": name}
    known = {key: value for key, value in more.items() if value and "." not in value}
    return replace(here, pseudo={**here.pseudo, **known})


def transformed(
    path: Path, text: str, template: JsonObject, parameters: Mapping[str, str], region: str
) -> JsonObject:
    """Return the template in a file after its transforms.

    Args:
        path: the file that the paths of local includes are relative to.
        text: the text of the template.
        template: the parsed text; returned unchanged if it has no transform.
        region: determines the partition in ARNs that SAM generates.

    Raises:
        TemplateRefused: a transform is rejected, or is not supported.
        Open: a loop depends on values that only the engine knows.
    """
    if "Transform" not in text:
        return template
    surroundings = replace(host(region), include=lambda location: _local(path, location))
    template = with_includes(template, parameters, surroundings)
    if not transforms_of(template):
        return template
    if SAM in transforms_of(template):
        template = with_build(path, template)
    return _transformed(json.dumps(template), tuple(sorted(parameters.items())), region)


def _local(path: Path, location: str) -> JsonObject:
    """Return the content of a file next to a template."""
    if "://" in location:
        raise refuse(f"{location} is not on this machine", remedy="use a local path")
    try:
        return read(read_text(path.parent / location))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise refuse(f"{path.parent / location} cannot be read ({reason})") from error


@lru_cache(maxsize=8)
def _transformed(text: str, parameters: tuple[tuple[str, str], ...], region: str) -> JsonObject:
    """Cache the result on disk, because importing the translator takes longer than everything else."""
    content = [FORMAT, version("aws-sam-translator"), text, parameters, region]
    name = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    folder = cache_folder(os.environ) / "transformed"
    if (kept := kept_texts.recall(folder, name)) is not None:
        try:
            found = json.loads(kept)
        except ValueError:  # not written by the harness, or truncated
            found = None
        if isinstance(found, dict):
            return found
    made = without_transforms(json.loads(text), dict(parameters), host(region))
    kept_texts.keep(folder, name, json.dumps(made))
    return made
