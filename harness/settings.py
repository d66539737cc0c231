"""Project settings: the keys in `[tool.harness]` in pyproject.toml.

Each setting is declared once, as a field in `Settings`. Its check, error messages, options, documentation and
origin in `harness config` follow from that declaration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from harness.acceptance import Acceptance
from harness.errors import HarnessError
from harness.functions.shared.model import DEFAULT_HANG_S
from harness.gate_settings import GateSettings
from harness.given import GIVEN, Given, Outputs, SecretText, StoredParameter
from harness.image_source import ImageSource
from harness.plain import GivenFunction, GivenTable, Plain, toml_marks
from harness.planned import StackEntry
from harness.replay_settings import ReplaySettings
from harness.setting_checks import (
    account_problem,
    hang_problem,
    isolation_problem,
    parameters_problem,
    region_problem,
    stack_name_problem,
    world_problem,
)
from harness.setting_kinds import KINDS, ExportValue, HostAndPort, LayerPath, Setting

TABLE = "[tool.harness]"
COMMAND_LINE = "command line"
DEFAULT = "default"
DEFAULT_HANG = f"{DEFAULT_HANG_S:g} s"
PARTS = ("functions", "machines", "tables", "substitutions")
"""Settings that belong to a definition."""


class SettingsError(HarnessError):
    """A setting is invalid. The message gives the file, the key and the remedy."""

    code = "settings"


@dataclass(frozen=True)
class Settings:
    """Settings for one project. `root` is the folder with its pyproject.toml. Relative paths are resolved
    against this folder.

    `origins` maps each setting to the source of its value: "command line", "environment variable NAME", the
    path of pyproject.toml, or "default".
    """

    root: Path
    engine: Annotated[
        str,
        Setting(
            "Engine that runs scenarios; `harness engines` lists the engines.",
            variable="HARNESS_ENGINE",
            option="--engine",
            engines="*",
        ),
    ] = "moto"
    endpoint_url: Annotated[
        str | None,
        Setting(
            "URL for the engine `endpoint`. The option also selects that engine.",
            variable="HARNESS_ENDPOINT_URL",
            option="--endpoint-url",
            engines="endpoint",
        ),
    ] = None
    endpoint_region: Annotated[
        str | None,
        Setting(
            "Region for the engine `endpoint`; default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1.",
            variable="HARNESS_ENDPOINT_REGION",
            option="--endpoint-region",
            engines="endpoint",
        ),
    ] = None
    endpoint_ca_bundle: Annotated[
        Path | None,
        Setting(
            "File with the CA certificates for the engine `endpoint`; default: AWS_CA_BUNDLE.",
            variable="HARNESS_ENDPOINT_CA_BUNDLE",
            option="--endpoint-ca-bundle",
            engines="endpoint",
        ),
    ] = None
    localstack_version: Annotated[
        str | None,
        Setting(
            "LocalStack version that the engine `localstack-host` starts; default: the first installed "
            "version.",
            variable="HARNESS_LOCALSTACK_VERSION",
            engines="localstack*",
        ),
    ] = None
    world: Annotated[
        int,
        Setting(
            "Number of the world to run in, which is the seed for all IDs and random values; default: 0.",
            variable="HARNESS_WORLD",
            option="--world",
            engines="moto",
            check=world_problem,
        ),
    ] = 0
    region: Annotated[
        str | None,
        Setting(
            "Region that the engine emulates; default: us-east-1.",
            variable="HARNESS_REGION",
            engines="moto",
            check=region_problem,
        ),
    ] = None
    account: Annotated[
        str | None,
        Setting(
            "ID of the account that the engine emulates; default: 123456789012.",
            variable="HARNESS_ACCOUNT",
            engines="moto",
            check=account_problem,
        ),
    ] = None
    partition: Annotated[
        str | None,
        Setting(
            "Partition that must contain the Region, such as `aws-us-gov`; default: the Region's partition.",
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
            "Several templates, each with `template`, `name` and `parameters`. A template comes after the "
            "templates that it depends on. Replaces `template`."
        ),
    ] = ()
    definition: Annotated[
        Path | None,
        Setting("Definition of the state machine, in JSON or YAML. Replaces a template."),
    ] = None
    functions: Annotated[
        Mapping[str, GivenFunction],
        Setting(
            "Functions that the definition calls, by their names in ARNs. Each is a path, or a table with "
            "`code`, `handler`, `runtime`, `environment`, `timeout`, `memory`."
        ),
    ] = field(default_factory=dict)
    machines: Annotated[
        Mapping[str, Path],
        Setting("Definitions of other state machines that the definition starts, by name."),
    ] = field(default_factory=dict)
    tables: Annotated[
        Mapping[str, GivenTable],
        Setting('Tables that the definition or its functions use: `{orders = {key = {id = "S"}}}`.'),
    ] = field(default_factory=dict)
    substitutions: Annotated[Mapping[str, str], Setting("Values for `${Name}` in the definition.")] = field(
        default_factory=dict
    )
    stack_name: Annotated[str, Setting("Name of the deployed stack.", check=stack_name_problem)] = "stack"
    state_machine: Annotated[
        str | None,
        Setting(
            "Logical ID of the state machine that scenarios start; default: the template's only state "
            "machine."
        ),
    ] = None
    parameters: Annotated[
        Mapping[str, str],
        Setting(
            "Template parameters. The option (`Stage=prod,Days=7`) takes precedence over the table.",
            option="--parameters",
            check=parameters_problem,
        ),
    ] = field(default_factory=dict)
    real_time_parameters: Annotated[
        Mapping[str, str],
        Setting("Additional parameters on engines without a virtual clock, where waiting takes real time."),
    ] = field(default_factory=dict)
    exports: Annotated[
        Mapping[str, ExportValue],
        Setting("Exports from stacks that scenarios do not deploy, by name, for `Fn::ImportValue`."),
    ] = field(default_factory=dict)
    outputs: Annotated[
        Mapping[str, Outputs],
        Setting(
            "Outputs from stacks that scenarios do not deploy, for `Fn::GetStackOutput`: "
            '`{network = {VpcId = "vpc-1"}}`.'
        ),
    ] = field(default_factory=dict)
    ssm: Annotated[
        Mapping[str, StoredParameter],
        Setting(
            "SSM parameters that exist before the deployment, by name: a string, an array, or `{secure = "
            "...}` for a SecureString."
        ),
    ] = field(default_factory=dict)
    secrets: Annotated[
        Mapping[str, SecretText],
        Setting(
            "Secrets that exist before the deployment, by name or ARN: a string or a table. They are "
            "never shown."
        ),
    ] = field(default_factory=dict)
    build: Annotated[
        bool | None,
        Setting(
            "Whether to install function requirements (`requirements.txt`, `pyproject.toml`): "
            "`true` for all templates, `false` for none; default: for SAM templates only, like `sam build`."
        ),
    ] = None
    layers: Annotated[
        Mapping[str, LayerPath],
        Setting(
            "Folders or zip files that replace layers declared outside the template, by ARN with `*` "
            "wildcards."
        ),
    ] = field(default_factory=dict)
    images: Annotated[
        Mapping[str, ImageSource],
        Setting(
            "Sources for functions that are container images, by logical ID: `{code, handler, runtime}`. "
            "`handler` and `runtime` default to the values in the folder's Dockerfile."
        ),
    ] = field(default_factory=dict)
    lint: Annotated[
        tuple[str, ...] | bool,
        Setting("cfn-lint rules to disable, as IDs or ID prefixes; `false` disables cfn-lint."),
    ] = ()
    scenarios: Annotated[
        tuple[Path, ...], Setting("Folders that `harness run` and pytest search for scenarios.")
    ] = (Path("scenarios"),)
    expectations: Annotated[Path | None, Setting("Python file with the project's own expectations.")] = None
    invariants: Annotated[
        Path | None, Setting("Python file with the invariants that `harness sweep` checks.")
    ] = None
    seeds: Annotated[
        Path | None,
        Setting(
            "Python file for `harness import`. Its function `seed_of` recreates the initial data for "
            "imported histories."
        ),
    ] = None
    known_differences: Annotated[
        Path, Setting("TOML file that explains expected differences for `harness compare`.")
    ] = Path("scenarios/known-differences.toml")
    volatile_attributes: Annotated[
        tuple[str, ...],
        Setting("Item attributes that differ from run to run. `harness compare` ignores them."),
    ] = ()
    scp: Annotated[
        tuple[Path, ...] | None,
        Setting("JSON files with the service control policies that apply to every role in the stack."),
    ] = None
    isolation: Annotated[
        str,
        Setting(
            "`best`: functions are isolated by mount namespaces if this machine allows them, otherwise by "
            "Python alone; `required`: nothing starts without mount namespaces. `harness engines` shows the "
            "available isolation.",
            variable="HARNESS_ISOLATION",
            check=isolation_problem,
        ),
    ] = "best"
    network: Annotated[
        tuple[HostAndPort, ...],
        Setting(
            "Addresses that functions may connect to in addition to the engine, such as "
            "`hooks.slack.com:443`; default: none."
        ),
    ] = ()
    accept: Annotated[
        tuple[Acceptance, ...],
        Setting(
            "Findings to accept, each with a reason. Accepted findings for permissions and limits are not "
            "mismatches. Findings from gate rules can also be accepted."
        ),
    ] = ()
    gate: Annotated[
        GateSettings,
        Setting(
            "Settings for `harness gate`: `base`, `budget`, `since`, `fail`, `warn`, `off`, `baseline`, "
            "`prices`, `limit-margin`."
        ),
    ] = field(default_factory=GateSettings)
    replay: Annotated[
        ReplaySettings,
        Setting(
            "Differences that `harness replay` accepts. `accepted` lists states that are `renamed`, `added` "
            "or `removed` on purpose. `ignored` lists values by `path`, optionally in one `state`, whose "
            "differences do not count. Each entry has a reason."
        ),
    ] = field(default_factory=ReplaySettings)
    hang: Annotated[
        str,
        Setting(
            "CPU time in one invocation after which a function in virtual time is considered hung. With no "
            "call in progress, a function may be idle for up to a quarter of that time.",
            check=hang_problem,
        ),
    ] = DEFAULT_HANG
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def given(self) -> Given:
        """Return the external values."""
        return Given(**{name: getattr(self, name) for name in GIVEN})

    @property
    def beside_definition(self) -> Plain:
        """Return the parts that belong to a definition."""
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


def reference() -> str:
    """Return the settings as a Markdown table, for the documentation."""
    lines = ["| key | type | default | also set by | meaning |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        values = setting.default if isinstance(setting.default, tuple) else [setting.default]
        default = ", ".join(f"`{value}`" for value in values if value)
        ways = ", ".join(f"`{way}`" for way in (setting.option, setting.variable) if way)
        lines.append(
            f"| `{setting.name}` | {setting.kind.word} | {default} | {ways} | {setting.description} |"
        )
    return "\n".join(lines)
