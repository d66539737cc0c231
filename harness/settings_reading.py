"""Reads settings from the command line, the environment and `[tool.harness]` in pyproject.toml, in this
order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.files import read_text
from harness.plain import DefinitionPath
from harness.setting_kinds import Setting, Value
from harness.setting_problems import toml_type
from harness.settings import COMMAND_LINE, DEFAULT, SETTINGS, TABLE, Settings, SettingsError


@dataclass(frozen=True)
class Table:
    """The table `[tool.harness]` in a pyproject.toml."""

    file: Path
    entries: Mapping[str, object] = field(default_factory=dict)


def load_settings(
    start: Path, environ: Mapping[str, str], options: Mapping[str, str | None] | None = None
) -> Settings:
    """Return the settings for a folder, from the nearest pyproject.toml with the table. Default: the default
    settings.

    `options` are the command-line options by setting name.

    Raises:
        SettingsError: lists all problems in the table.
    """
    return resolve(nearest_table(start) or Table(start.resolve() / "pyproject.toml"), environ, options or {})


def nearest_table(folder: Path) -> Table | None:
    """Return the table in the nearest pyproject.toml that has one, in `folder` or above it.

    Raises:
        SettingsError: a pyproject.toml in between cannot be read.
    """
    start = folder.resolve()
    for place in (start, *start.parents):
        file = place / "pyproject.toml"
        if _is_there(file) and (entries := _entries(file)) is not None:
            return Table(file, entries)
    return None


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError as error:  # a folder in between may not be searchable
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error


def _entries(file: Path) -> Mapping[str, object] | None:
    tool = toml_of(file, about="harness").get("tool", {})
    table = tool.get("harness") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.harness must be a table, not {toml_type(table)}")
    return table


def toml_of(file: Path, about: str = "") -> dict[str, object]:
    """Return the content of a TOML file. Empty if it does not contain the word `about`, even if it is
    invalid.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    try:
        text = read_text(file)
        return tomllib.loads(text) if about in text else {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: invalid TOML: {error}") from error
    except RecursionError:
        raise SettingsError(f"{file}: arrays and tables are nested too deeply; use fewer levels") from None
    except ValueError as error:  # a number with too many digits
        raise SettingsError(f"{file}: invalid TOML: {error}") from error


def resolve(table: Table, environ: Mapping[str, str], options: Mapping[str, str | None]) -> Settings:
    """Return the settings from a table, the environment and the options.

    Raises:
        SettingsError: lists all problems in the table.
    """
    if problems := list(_problems(table.entries)):
        raise SettingsError("\n".join(f"{table.file}: {TABLE}: {problem}" for problem in problems))
    root = table.file.parent
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        name, kind = setting.name, setting.kind
        if text := options.get(name):
            if problem := setting.check(text):
                raise SettingsError(f"{setting.option}: {problem}")
            values[name], origins[name] = kind.value(text, Path.cwd()), COMMAND_LINE
            if isinstance(given := values[name], Mapping) and name in table.entries:
                values[name] = {**_mapping(_of_table(table, setting)), **_mapping(given)}
        elif text := environ.get(setting.variable):
            if problem := setting.check(text):
                raise SettingsError(f"environment variable {setting.variable}: {problem}")
            values[name] = kind.value(text, Path.cwd())
            origins[name] = f"environment variable {setting.variable}"
        elif name in table.entries:
            values[name], origins[name] = _of_table(table, setting), str(table.file)
        else:
            values[name], origins[name] = kind.rooted(setting.default, root), DEFAULT
    if options.get("endpoint_url") and not options.get("engine"):
        values["engine"], origins["engine"] = "endpoint", COMMAND_LINE
    settings = replace(Settings(root), origins=origins, **values)  # type: ignore[arg-type]
    return _with_definition(settings, table)


def _with_definition(settings: Settings, table: Table) -> Settings:
    """Return settings with the definition as the template, if a definition is set.

    Parameters on the command line apply to the templates of all projects, so they are allowed.

    Raises:
        SettingsError: the table has keys that cannot be combined with a definition.
    """
    file = table.file
    if settings.definition is None:
        return settings
    if settings.template is not None:
        raise SettingsError(f"{file}: {TABLE}: both template and definition are set; remove one of them")
    for name in ("parameters", "real_time_parameters"):
        if table.entries.get(name):
            raise SettingsError(
                f"{file}: {TABLE}: {name} apply to a template, but definition is set; set the values of "
                "its `${Name}` as substitutions"
            )
    template = DefinitionPath.of(settings.definition, settings.beside_definition)
    origins = {**settings.origins, "template": settings.origins["definition"]}
    return replace(settings, template=template, origins=origins)


def _of_table(table: Table, setting: Setting) -> Value:
    try:
        return setting.kind.value(table.entries[setting.name], table.file.parent)
    except ValueError as error:
        raise SettingsError(f"{table.file}: {TABLE}: {setting.name}: {error}") from error


def _mapping(value: Value) -> Mapping[str, str]:
    """Return the entries in a table of strings, the only type of table with an option."""
    return {key: str(entry) for key, entry in value.items()} if isinstance(value, Mapping) else {}


def _problems(entries: Mapping[str, object]) -> Iterator[str]:
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in entries.items():
        if name not in known:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

            yield f"unknown key {name!r}; {nearest(name, sorted(known))}"
        elif problems := list(known[name].kind.problems(name, value)):
            yield from problems
        elif problem := known[name].check(str(value)):
            yield problem
    if "stacks" in entries and (others := [key for key in ("template", "stack_name") if key in entries]):
        remedy = "use template for one stack, or stacks for several, which have their own names"
        yield f"stacks cannot be combined with {' and '.join(others)}; {remedy}"


def options_in(namespace: object, prefix: str = "") -> dict[str, str | None]:
    """Return the options in an argparse namespace, by setting name."""
    return {s.name: getattr(namespace, prefix + s.name, None) for s in SETTINGS if s.option}
