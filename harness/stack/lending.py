"""The settings `layers`, `images` and `build` for stacks that are created through the CloudFormation API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.files import is_file, is_folder, is_there
from harness.settings import TABLE, Settings, SettingsError
from harness.stack.archive import ArchiveError, archived

_UNBUILT = (
    "its requirements.txt is installed for scenarios only; install its packages into its folder python/, "
    "or use a prebuilt zip"
)


def lent_layers(settings: Settings) -> Mapping[str, bytes]:
    """Return the layers in the settings as zip files, by ARN pattern. Layers that must be built are left out.

    Raises:
        SettingsError: a layer does not exist, or cannot be packaged.
    """
    found = {}
    for pattern, place in settings.layers.items():
        if not is_there(place):
            raise SettingsError(
                f"{_file(settings)}: {TABLE}: layers replaces {pattern} with {place}, which does not exist; "
                "correct the path"
            )
        if _is_unbuilt(place):
            continue
        try:
            found[pattern] = archived(place)
        except ArchiveError as error:
            raise SettingsError(f"{_file(settings)}: {TABLE}: layers.{pattern}: {error}") from error
    return found


def not_over_the_api(settings: Settings, *, lends: bool) -> Iterator[str]:
    """List the settings that do not apply to such stacks, each with a workaround.

    Args:
        lends: true if the engine provides functions with the layers from the settings.
    """
    for pattern, place in settings.layers.items():
        if not lends:
            yield f"layers: {pattern}: this engine supports only its own layers; publish the layer on it"
        elif is_there(place) and _is_unbuilt(place):
            yield f"layers: {pattern}: {_UNBUILT}"
    if settings.images:
        names = ", ".join(settings.images)
        yield f"images ({names}): their sources apply to scenarios only; deploy functions with a Zip package"
    if settings.build:
        yield "build: requirements are installed for scenarios only; deploy the output of `sam build`"


def _is_unbuilt(place: Path) -> bool:
    return is_file(place / "requirements.txt") and not is_folder(place / "python")


def _file(settings: Settings) -> Path:
    return settings.root / "pyproject.toml"
