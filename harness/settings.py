"""Settings: the command line, the environment and `[tool.harness]` of pyproject.toml, in this order.

Each setting is declared once, as a field of `Settings`. Its check, its errors, its options, its line of the
README and its origin in `harness config` follow from that declaration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from harness.acceptance import Acceptance
from harness.files import read_text
from harness.functions.shared.model import DEFAULT_HANG_S
from harness.gate_settings import GateSettings
from harness.image_source import ImageSource
from harness.plain import DefinitionPath, GivenFunction, GivenTable, Plain, toml_marks
from harness.planned import StackEntry
from harness.setting_kinds import (
    KINDS,
    HostAndPort,
    Kind,
    LayerPath,
    Value,
    account_problem,
    hang_problem,
    isolation_problem,
    parameters_problem,
    region_problem,
    stack_name_problem,
    toml_type,
    world_problem,
)

TABLE = "[tool.harness]"
COMMAND_LINE = "command line"
DEFAULT = "default"
DEFAULT_HANG = f"{DEFAULT_HANG_S:g} s"


class SettingsError(Exception):
    """A setting is wrong. The message names the file, the key and the remedy."""


@dataclass(frozen=True)
class Setting:
    """The declaration of one setting. `name`, `kind` and `default` come from its field of `Settings`.

    `variable` and `option` are those that set it, too. `engines` is a pattern for the engines that it is
    about ("*" for all); a setting without it is about the project. A `secret` is never shown. `check` gives
    what is wrong with a value of the right type, or "".
    """

    description: str
    variable: str = ""
    option: str = ""
    engines: str = ""
    secret: bool = False
    check: Callable[[str], str] = lambda _: ""
    name: str = ""
    kind: Kind = KINDS[0]
    default: Value = None


@dataclass(frozen=True)
class Settings:
    """Settings of one project: `root` is the folder of its pyproject.toml, where relative paths begin.

    `origins` tells for each setting where its value comes from: "command line", "environment variable NAME",
    the path of pyproject.toml, or "default".
    """

    root: Path
    engine: Annotated[
        str,
        Setting(
            "Where scenarios run; `harness engines` lists the engines.",
            variable="HARNESS_ENGINE",
            option="--engine",
            engines="*",
        ),
    ] = "moto"
    endpoint_url: Annotated[
        str | None,
        Setting(
            "URL of the engine `endpoint`. As an option it also selects that engine.",
            variable="HARNESS_ENDPOINT_URL",
            option="--endpoint-url",
            engines="endpoint",
        ),
    ] = None
    endpoint_region: Annotated[
        str | None,
        Setting(
            "Region of the engine `endpoint`; default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1.",
            variable="HARNESS_ENDPOINT_REGION",
            option="--endpoint-region",
            engines="endpoint",
        ),
    ] = None
    endpoint_ca_bundle: Annotated[
        Path | None,
        Setting(
            "File with the CA of the engine `endpoint`; default: AWS_CA_BUNDLE.",
            variable="HARNESS_ENDPOINT_CA_BUNDLE",
            option="--endpoint-ca-bundle",
            engines="endpoint",
        ),
    ] = None
    localstack_version: Annotated[
        str | None,
        Setting(
            "Version of LocalStack that the engine `localstack-host` starts; default: the first installed.",
            variable="HARNESS_LOCALSTACK_VERSION",
            engines="localstack*",
        ),
    ] = None
    world: Annotated[
        int,
        Setting(
            "Which world to play in: all ids, and whatever is random, follow from this number; default: 0.",
            variable="HARNESS_WORLD",
            option="--world",
            engines="moto",
            check=world_problem,
        ),
    ] = 0
    region: Annotated[
        str | None,
        Setting(
            "Region in which the engine plays; default: us-east-1.",
            variable="HARNESS_REGION",
            engines="moto",
            check=region_problem,
        ),
    ] = None
    account: Annotated[
        str | None,
        Setting(
            "Id of the account in which the engine plays; default: 123456789012.",
            variable="HARNESS_ACCOUNT",
            engines="moto",
            check=account_problem,
        ),
    ] = None
    partition: Annotated[
        str | None,
        Setting(
            "Partition that the region must be in, such as `aws-us-gov`; default: that of the region.",
            variable="HARNESS_PARTITION",
            engines="moto",
        ),
    ] = None
    template: Annotated[
        Path | None,
        Setting("CloudFormation template that scenarios deploy, or the folder `cdk.out` of a CDK app."),
    ] = None
    stacks: Annotated[
        tuple[StackEntry, ...],
        Setting(
            "Several templates, each with `template`, `name` and `parameters`, after those that it needs; "
            "instead of `template`."
        ),
    ] = ()
    definition: Annotated[
        Path | None,
        Setting("Instead of a template: the state machine's definition, in JSON or YAML."),
    ] = None
    functions: Annotated[
        Mapping[str, GivenFunction],
        Setting(
            "Functions that the definition calls, by their names in ARNs: a path, or a table with `code`, "
            "`handler`, `runtime`, `environment`, `timeout`, `memory`."
        ),
    ] = field(default_factory=dict)
    machines: Annotated[
        Mapping[str, Path], Setting("Definitions of other state machines that it starts, by their names.")
    ] = field(default_factory=dict)
    tables: Annotated[
        Mapping[str, GivenTable],
        Setting('Tables that it, or its functions, use: `{orders = {key = {id = "S"}}}`.'),
    ] = field(default_factory=dict)
    substitutions: Annotated[Mapping[str, str], Setting("What `${Name}` stands for in the definition.")] = (
        field(default_factory=dict)
    )
    stack_name: Annotated[str, Setting("Name of the deployed stack.", check=stack_name_problem)] = "stack"
    state_machine: Annotated[
        str | None,
        Setting("Logical id of the state machine that scenarios start; default: the template's only one."),
    ] = None
    parameters: Annotated[
        Mapping[str, str],
        Setting(
            "Parameters of the template; an option (`Stage=prod,Days=7`) comes before those of the table.",
            option="--parameters",
            check=parameters_problem,
        ),
    ] = field(default_factory=dict)
    real_time_parameters: Annotated[
        Mapping[str, str],
        Setting("Parameters that are added on engines without a virtual clock, where waiting takes time."),
    ] = field(default_factory=dict)
    build: Annotated[
        bool | None,
        Setting(
            "Installs what functions require (`requirements.txt`, `pyproject.toml`): `true` for all "
            "templates, `false` for none; default: for SAM's, as `sam build` does it."
        ),
    ] = None
    layers: Annotated[
        Mapping[str, LayerPath],
        Setting("Folders or zip files in the place of layers that are elsewhere, by their ARNs with `*`."),
    ] = field(default_factory=dict)
    images: Annotated[
        Mapping[str, ImageSource],
        Setting(
            "By logical id, the source of functions that are container images: `{code, handler, runtime}`; "
            "without the last two, as the Dockerfile in the folder says."
        ),
    ] = field(default_factory=dict)
    lint: Annotated[
        tuple[str, ...] | bool,
        Setting("Rules of cfn-lint that are off, as ids or their beginnings; `false`: cfn-lint is off."),
    ] = ()
    scenarios: Annotated[
        tuple[Path, ...], Setting("Folders in which `harness run` and pytest look for scenarios.")
    ] = (Path("scenarios"),)
    expectations: Annotated[Path | None, Setting("Python file with the project's own expectations.")] = None
    invariants: Annotated[
        Path | None, Setting("Python file with the invariants that `harness sweep` checks.")
    ] = None
    known_differences: Annotated[
        Path, Setting("TOML file that explains the differences `harness compare` may find.")
    ] = Path("scenarios/known-differences.toml")
    volatile_attributes: Annotated[
        tuple[str, ...],
        Setting("Attributes of items that differ from run to run; `harness compare` ignores them."),
    ] = ()
    scp: Annotated[
        tuple[Path, ...] | None,
        Setting("JSON files with the service control policies that hold for every role of the stack."),
    ] = None
    isolation: Annotated[
        str,
        Setting(
            "`best`: functions are kept apart by mount namespaces where this machine allows them, else by "
            "Python alone; `required`: nothing starts without. `harness engines` says what is there.",
            variable="HARNESS_ISOLATION",
            check=isolation_problem,
        ),
    ] = "best"
    network: Annotated[
        tuple[HostAndPort, ...],
        Setting(
            "Addresses that functions may connect to beside the engine, such as `hooks.slack.com:443`; "
            "without it there are none."
        ),
    ] = ()
    accept: Annotated[
        tuple[Acceptance, ...],
        Setting(
            "Findings of permissions and limits that are no mismatches, and of rules of the gate, each with "
            "its reason."
        ),
    ] = ()
    gate: Annotated[
        GateSettings,
        Setting(
            "What `harness gate` does: `base`, `budget`, `since`, `fail`, `warn`, `off`, `baseline`, "
            "`prices`."
        ),
    ] = field(default_factory=GateSettings)
    hang: Annotated[
        str,
        Setting(
            "Processor time within one invocation on virtual time after which a function hangs; a quarter of "
            "it is how long one may be idle outside of any call.",
            check=hang_problem,
        ),
    ] = DEFAULT_HANG
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def beside_definition(self) -> Plain:
        """The parts that are given beside a definition."""
        given = {name: tuple(getattr(self, name).items()) for name in PARTS}
        file = self.root / "pyproject.toml"
        return Plain(**given, file=file, marks=toml_marks(file, {n: dict(given[n]) for n in PARTS}))


def _declared() -> Iterator[Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    unset = Settings(Path())
    for each in fields(Settings):
        if get_origin(hints[each.name]) is Annotated:
            hint, setting = get_args(hints[each.name])
            kind = next(kind for kind in KINDS if hint in kind.hints)
            yield replace(setting, name=each.name, kind=kind, default=getattr(unset, each.name))


SETTINGS = tuple(_declared())


@dataclass(frozen=True)
class Table:
    """The table `[tool.harness]` of a pyproject.toml."""

    file: Path
    entries: Mapping[str, object] = field(default_factory=dict)


def load_settings(
    start: Path, environ: Mapping[str, str], options: Mapping[str, str | None] | None = None
) -> Settings:
    """Settings for a folder: those of the nearest pyproject.toml with the table, else the defaults.

    `options` are those of the command line by the name of the setting.

    Raises:
        SettingsError: with everything that is wrong in the table.
    """
    return resolve(nearest_table(start) or Table(start.resolve() / "pyproject.toml"), environ, options or {})


def nearest_table(folder: Path) -> Table | None:
    """The table of the nearest pyproject.toml that has one, in `folder` or above it.

    Raises:
        SettingsError: a pyproject.toml on the way cannot be read.
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
    except OSError as error:  # a folder on the way may not be looked into
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error


def _entries(file: Path) -> Mapping[str, object] | None:
    tool = toml_of(file, about="harness").get("tool", {})
    table = tool.get("harness") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.harness must be a table, not {toml_type(table)}")
    return table


def toml_of(file: Path, about: str = "") -> dict[str, object]:
    """The content of a TOML file; nothing, whatever is wrong with it, where the word `about` is not in it.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    try:
        text = read_text(file)
        return tomllib.loads(text) if about in text else {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}") from error
    except RecursionError:
        raise SettingsError(f"{file}: arrays and tables are nested too deep; nest fewer of them") from None
    except ValueError as error:  # a number of too many digits
        raise SettingsError(f"{file}: not TOML: {error}") from error


def resolve(table: Table, environ: Mapping[str, str], options: Mapping[str, str | None]) -> Settings:
    """The settings of a table, of the environment and of the options.

    Raises:
        SettingsError: with everything that is wrong in the table.
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


PARTS = ("functions", "machines", "tables", "substitutions")
"""The settings beside a definition."""


def _with_definition(settings: Settings, table: Table) -> Settings:
    """Settings whose template is the definition, where there is one.

    Parameters of the command line are for the templates of all projects, and may be there.

    Raises:
        SettingsError: the table has what a definition does not go with.
    """
    file = table.file
    if settings.definition is None:
        return settings
    if settings.template is not None:
        raise SettingsError(f"{file}: {TABLE}: template and definition are given; remove one of them")
    for name in ("parameters", "real_time_parameters"):
        if table.entries.get(name):
            raise SettingsError(
                f"{file}: {TABLE}: {name} are for a template, and definition is given; give the values of "
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
    """The entries of a table of texts, which alone has an option."""
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
        remedy = "give template for one stack, or stacks for several, which have their own names"
        yield f"stacks is given beside {' and '.join(others)}; {remedy}"


def options_in(namespace: object, prefix: str = "") -> dict[str, str | None]:
    """The options that a namespace of argparse has, by the name of the setting."""
    return {s.name: getattr(namespace, prefix + s.name, None) for s in SETTINGS if s.option}


def reference() -> str:
    """The settings as a table in Markdown, for the README."""
    lines = ["| key | type | default | also set by | meaning |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        values = setting.default if isinstance(setting.default, tuple) else [setting.default]
        default = ", ".join(f"`{value}`" for value in values if value)
        ways = ", ".join(f"`{way}`" for way in (setting.option, setting.variable) if way)
        lines.append(
            f"| `{setting.name}` | {setting.kind.word} | {default} | {ways} | {setting.description} |"
        )
    return "\n".join(lines)
