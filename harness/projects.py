"""Projects: a scenario uses the settings in the pyproject.toml above it, not above the working directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from harness.files import is_folder
from harness.setting_kinds import Setting
from harness.settings import DEFAULT, SETTINGS, Settings, SettingsError
from harness.settings_reading import Table, nearest_table, resolve


@dataclass
class Projects:
    """The settings that one command uses. Each file is read once.

    `options` are the command-line options, by setting name. `prefix` is their common prefix.
    """

    environ: Mapping[str, str]
    options: Mapping[str, str | None] = field(default_factory=dict)
    prefix: str = "--"
    _known: dict[Path, Settings | None] = field(default_factory=dict)

    def above(self, path: Path) -> Settings | None:
        """Return the settings in the nearest pyproject.toml with a `[tool.harness]` table above a file or
        folder.

        Raises:
            SettingsError: that table, or a pyproject.toml in between, is invalid.
        """
        folder = (path if is_folder(path) else path.parent).resolve()
        if folder not in self._known:
            table = nearest_table(folder)
            self._known[folder] = self._resolved(table) if table else None
        return self._known[folder]

    def of(self, path: Path) -> Settings:
        """Return the settings that apply to a file: those above it, those above the working directory, or the
        defaults.

        Raises:
            SettingsError: see `above`.
        """
        return self.above(path) or self.here

    @property
    def here(self) -> Settings:
        """Return the settings above the working directory, otherwise the defaults.

        Raises:
            SettingsError: see `above`.
        """
        return self.above(Path.cwd()) or self._resolved(Table(Path.cwd() / "pyproject.toml"))

    def engine(self, paths: Iterable[Path], names: Sequence[str] = ()) -> Settings:
        """Return the engine settings for these scenarios. `names` are engines that the command specifies
        explicitly.

        Raises:
            SettingsError: the scenarios' projects have different settings for the engine.
        """
        found = list({s.root: s for s in map(self.of, paths)}.values()) or [self.here]
        for setting in SETTINGS:
            if _is_about(setting, names or [found[0].engine]) and (setting.engines != "*" or not names):
                self._check_agreed(setting, found)
        return found[0]

    def _check_agreed(self, setting: Setting, found: Sequence[Settings]) -> None:
        values: dict[object, str] = {}
        for settings in found:
            value, origin = getattr(settings, setting.name), settings.origins[setting.name]
            where = f"default for {settings.root}" if origin == DEFAULT else origin
            shown = "..." if setting.secret else repr(value)
            values.setdefault(value, f"{shown} ({where})")
        if len(values) > 1:
            ways = [f"{self.prefix}{setting.option.removeprefix('--')}"] if setting.option else []
            ways += [setting.variable] if setting.variable else []
            raise SettingsError(
                f"the projects have different values of {setting.name}: {', '.join(values.values())}; all "
                f"scenarios of a command run on one engine: set {' or '.join(ways)}, or run each project "
                "separately"
            )

    def _resolved(self, table: Table) -> Settings:
        return resolve(table, self.environ, self.options)


def _is_about(setting: Setting, engines: Sequence[str]) -> bool:
    return any(fnmatchcase(engine, setting.engines) for engine in engines)
