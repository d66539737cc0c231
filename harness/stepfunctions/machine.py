"""A state machine with its revisions, versions and aliases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.json_types import JsonObject
from harness.states.asl import Machine


@dataclass(frozen=True, slots=True)
class Revision:
    """A machine's definition, role and configuration between two changes.

    Attributes:
        id: None for the initial revision, because AWS does not show an ID before the first change.
        configuration: logging, tracing and encryption as specified, each with AWS's defaults.
        updated_at: seconds since 1970.
    """

    machine: Machine
    role_arn: str
    configuration: JsonObject
    updated_at: float
    id: str | None = None

    def same_as(self, other: Revision) -> bool:
        """Return whether both revisions have the same content, ignoring their times."""
        mine, its = ((each.machine.text, each.role_arn, each.configuration) for each in (self, other))
        return mine == its


@dataclass(frozen=True, slots=True)
class Version:
    """A published revision, which has a number."""

    arn: str
    number: int
    revision: Revision
    created_at: float
    description: str = ""


@dataclass(slots=True)
class Alias:
    """An alias: a name for one or two versions.

    Attributes:
        routing: the percentage of executions for each version, by the version's ARN.
    """

    arn: str
    name: str
    routing: dict[str, int]
    created_at: float
    updated_at: float
    description: str = ""


@dataclass(slots=True)
class StateMachine:
    """A state machine.

    Attributes:
        revision: the current revision.
        created_with: the fields from the original CreateStateMachine request that AWS compares with a
            repeated request, in addition to the current revision.
        last_version: the highest version number so far. Numbers are never reused.
        deleted_at: the time on the clock when it was deleted. Afterwards it has the status DELETING for a
            while.
        express: true if its executions are Express executions.
        busy: returns whether any of its executions is still running. Until they have ended, its status stays
            DELETING.
    """

    arn: str
    name: str
    created_at: float
    revision: Revision
    created_with: tuple[bool, str] = (False, "")
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    last_version: int = 0
    aliases: dict[str, Alias] = field(default_factory=dict)
    deleted_at: float | None = None
    express: bool = False
    busy: Callable[[], bool] = lambda: False

    @property
    def status(self) -> str:
        """AWS's name for its status."""
        return "ACTIVE" if self.deleted_at is None else "DELETING"

    @property
    def type(self) -> str:
        """AWS's name for its type."""
        return "EXPRESS" if self.express else "STANDARD"

    @property
    def machine(self) -> Machine:
        """The current definition."""
        return self.revision.machine

    def published(self) -> Version | None:
        """Return the latest version of the current revision, or None."""
        return next((v for v in reversed(self.versions.values()) if v.revision is self.revision), None)

    def publish(self, now: float, description: str) -> Version:
        """Publish the current revision, or return its version. A new description creates a new version."""
        version = self.published()
        if version is None or (description and description != version.description):
            self.last_version += 1
            arn = f"{self.arn}:{self.last_version}"
            version = Version(arn, self.last_version, self.revision, now, description)
            self.versions[arn] = version
        return version


@dataclass(frozen=True, slots=True)
class Origin:
    """The machine, version and alias from which an execution was started, as they were at that time."""

    revision: Revision
    version_arn: str | None
    alias_arn: str | None
    trace_header: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """The target of an ARN: a machine, one of its versions, or a version selected by an alias."""

    machine: StateMachine
    version: Version | None = None
    alias: Alias | None = None

    @property
    def arn(self) -> str:
        """The ARN of the alias, the version or the machine."""
        named = self.alias or self.version or self.machine
        return named.arn

    @property
    def revision(self) -> Revision:
        """The revision for executions that are started with this ARN."""
        return self.version.revision if self.version else self.machine.revision

    def origin(self, trace_header: str | None) -> Origin:
        """Return the data to store in an execution that starts now."""
        version = self.version.arn if self.version else None
        alias = self.alias.arn if self.alias else None
        return Origin(self.revision, version, alias, trace_header)
