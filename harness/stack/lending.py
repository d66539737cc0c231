"""The settings `layers`, `images` and `build` for stacks that somebody makes over CloudFormation's API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.files import is_file, is_folder, is_there
from harness.settings import TABLE, Settings, SettingsError
from harness.stack.archive import ArchiveError, archived

_UNBUILT = (
    "its requirements.txt is installed for scenarios only; put what it names into its folder python/, "
    "or name a ready zip"
)


def lent_layers(settings: Settings) -> Mapping[str, bytes]:
    """The layers of the settings as zip files, by the patterns of their ARNs; those to be built are left out.

    Raises:
        SettingsError: one is not there, or cannot be packaged.
    """
    found = {}
    for pattern, place in settings.layers.items():
        if not is_there(place):
            raise SettingsError(
                f"{_file(settings)}: {TABLE}: layers gives {place} for {pattern}, which is not there; "
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
    """Say which of the settings do not count for such stacks, each with the way round.

    Args:
        lends: the engine lets functions have the layers of the settings.
    """
    for pattern, place in settings.layers.items():
        if not lends:
            yield f"layers: {pattern}: this engine has only layers of its own; publish it there"
        elif is_there(place) and _is_unbuilt(place):
            yield f"layers: {pattern}: {_UNBUILT}"
    if settings.images:
        names = ", ".join(settings.images)
        yield f"images ({names}): their sources count for scenarios only; deploy functions with a Zip package"
    if settings.build:
        yield "build: requirements are installed for scenarios only; deploy what `sam build` makes"


def _is_unbuilt(place: Path) -> bool:
    return is_file(place / "requirements.txt") and not is_folder(place / "python")


def _file(settings: Settings) -> Path:
    return settings.root / "pyproject.toml"
