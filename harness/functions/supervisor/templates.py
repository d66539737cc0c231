"""Sources of the processes for environments: forks of a template, or separate processes.

The first environment of a kind starts a process. The process runs the function's initialisation and reports
whether it was pure (see sandbox.purity). If so, it becomes the template for its kind, and all environments of
the kind are forks of it. Otherwise it stays that environment's process, and every other environment runs its
own initialisation. Environments that start before the report wait for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from collections.abc import Callable

from ..shared.sandbox_protocol import ForkSpec, InitReport
from .environment import Environment
from .launcher import Launcher, Process, channels, remove_tmp
from .work import Kind

_MAX_ANSWER_BYTES = 1 << 12
_MOST_TEMPLATES = 32
"""Maximum number of templates. If it is exceeded, the oldest templates are terminated."""


class TemplateEnded(OSError):
    """The template has exited and cannot be forked."""


class Template:
    """A process that has run the initialisation for a kind of environment.

    `at_s` is the time of the initialisation if it read the clock, otherwise None. `control` is the descriptor
    of the connection to the host: when it closes, forks are no longer needed. `has_forked` is true if it has
    forked at least once.
    """

    def __init__(self, process: Process, at_s: float | None, log: bytes, control: int) -> None:
        self.pid = process.pid
        self._tmp = process.tmp
        self.log = log
        self.has_forked = False
        self._at_s = at_s
        self._control = control
        self._side = socket.socket(fileno=process.side)
        self._side.setblocking(True)
        os.close(process.log)

    def fits(self, now_s: float | None) -> bool:
        """Return whether an initialisation at `now_s` would have the same result."""
        return self._at_s is None or self._at_s == now_s

    def fork(self, environment: Environment, launcher: Launcher) -> Process:
        """Fork a process for an environment. Raises OSError."""
        folders = launcher.folders_of(environment.config)
        first = environment.first_setting
        bounds = launcher.bounds_of(environment.config, environment.variables, first)
        spec: ForkSpec = {
            "invocation": first,
            "variables": environment.own_variables,
            "folders": folders,
            "seed": environment.seed,
            "parent": os.getpid(),
        }
        line = json.dumps({"fork": spec}).encode() + b"\n"
        with channels() as ends:
            try:
                sent = socket.send_fds(self._side, [line], [ends.output, ends.theirs.fileno()])
                self._side.sendall(line[sent:])
                pid = self._forked()
            except OSError:  # the template has exited
                remove_tmp(folders["tmp"])
                raise
            self.has_forked = True
            launcher.guard(pid, bounds, ends)
            return ends.process(pid, folders["tmp"])

    def stop(self) -> None:
        """Terminate the template; its forks continue."""
        self._side.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, signal.SIGKILL)
        remove_tmp(self._tmp)

    def _forked(self) -> int:
        waiting = select.poll()
        waiting.register(self._side, select.POLLIN)
        waiting.register(self._control, select.POLLRDHUP)
        ready = {fd for fd, _ in waiting.poll()}
        answer = self._side.recv(_MAX_ANSWER_BYTES) if self._side.fileno() in ready else b""
        try:
            pid = int(json.loads(answer)["forked"])
        except (ValueError, LookupError, TypeError):
            raise TemplateEnded(f"the template {self.pid} has ended") from None
        with contextlib.suppress(OSError):  # both parent and child call setpgid; the child may have exited
            os.setpgid(pid, pid)
        return pid


class Templates:
    """Starts processes for environments; calls `on_started` or `on_failed` with the result."""

    def __init__(
        self,
        launcher: Launcher,
        control: int,
        on_started: Callable[[Environment, Process], None],
        on_failed: Callable[[Environment, OSError], None],
    ) -> None:
        self._launcher = launcher
        self._control = control
        self._on_started = on_started
        self._on_failed = on_failed
        self._templates: dict[Kind, Template] = {}
        self._impure: set[Kind] = set()
        # a process of this kind is running its initialisation
        self._waiting: dict[Kind, list[Environment]] = {}

    def start(self, environment: Environment) -> None:
        """Start an environment's process, now or after a different environment's initialisation."""
        kind = environment.kind
        template = self._templates.get(kind)
        if template and template.fits(environment.now_s) and self._fork(template, environment):
            return
        if not self._can_fork(environment) or kind in self._impure:
            self._launch(environment)
        elif kind in self._waiting:
            self._waiting[kind].append(environment)
        else:
            self._forget_older(kind)
            self._waiting[kind] = []
            if not self._launch(environment, offers_forks=True):
                self._impure.discard(kind)
                self._resume(kind, impure=False)

    def initialised(self, environment: Environment, report: InitReport) -> None:
        """Handle the initialisation report from the first environment of its kind."""
        kind = environment.kind
        if not report["pure"]:
            self._resume(kind, impure=True)
            return
        process, log = environment.give_up()
        at_s = environment.now_s if report["read_clock"] else None
        if replaced := self._templates.get(kind):
            replaced.stop()
        self._templates[kind] = Template(process, at_s, log, self._control)
        if len(self._templates) > _MOST_TEMPLATES:
            self._templates.pop(next(iter(self._templates))).stop()
        waiting = self._waiting.pop(kind, [])
        self.start(environment)
        for each in waiting:
            self.start(each)

    def ended(self, environment: Environment) -> None:
        """Handle the exit of an environment's process, which may not have sent its report."""
        if environment.offers_forks and environment.kind in self._waiting:
            self._resume(environment.kind, impure=True)

    def template_ended(self, pid: int) -> None:
        """Handle the exit of a process without an environment; if it was a template, discard it."""
        for kind, template in list(self._templates.items()):
            if template.pid == pid:
                template.stop()
                del self._templates[kind]

    def stop(self, chosen: Callable[[Kind], bool]) -> None:
        """Terminate the templates for some kinds."""
        for kind in [kind for kind in self._templates if chosen(kind)]:
            self._templates.pop(kind).stop()
        self._impure = {kind for kind in self._impure if not chosen(kind)}

    def give_up(self, chosen: Callable[[Kind], bool]) -> list[Environment]:
        """Remove and return the environments that are waiting for the initialisation of some kinds."""
        return [each for kind in list(self._waiting) if chosen(kind) for each in self._waiting.pop(kind)]

    def _can_fork(self, environment: Environment) -> bool:
        return environment.virtual and self._launcher.forks_templates

    def _launch(self, environment: Environment, *, offers_forks: bool = False) -> bool:
        environment.offers_forks = offers_forks
        try:
            process = self._launcher.start(
                environment.config,
                environment.variables,
                environment.first_setting,
                environment.seed,
                offers_forks=offers_forks,
                measures=environment.measures,
            )
        except OSError as error:  # for example, the process limit is reached, or a folder is missing
            self._on_failed(environment, error)
            return False
        self._on_started(environment, process)
        return True

    def _fork(self, template: Template, environment: Environment) -> bool:
        environment.offers_forks = False
        try:
            process = template.fork(environment, self._launcher)
        except OSError:
            if self._templates.get(environment.kind) is template:
                del self._templates[environment.kind]
            template.stop()
            if not template.has_forked:  # the next fork would fail, too
                self._impure.add(environment.kind)
            return False
        environment.remember_log(template.log)
        self._on_started(environment, process)
        return True

    def _resume(self, kind: Kind, *, impure: bool) -> None:
        if impure:
            self._impure.add(kind)
        for each in self._waiting.pop(kind, []):
            self.start(each)

    def _forget_older(self, kind: Kind) -> None:
        """Terminate the templates for other revisions of a function."""
        for other in [each for each in self._templates if each[:2] == kind[:2] and each != kind]:
            self._templates.pop(other).stop()
