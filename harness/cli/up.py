"""`harness up`."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from harness.cli.console import ended_by_ctrl_c, exports, stay_with
from harness.cli.heard import heard
from harness.cli.logs import tell_logs
from harness.cli.messages import tell_messages
from harness.cli.with_command import run_command
from harness.engine.base import Capability, Endpoint, Engine
from harness.lint.check import linted
from harness.notes import Note
from harness.printable import hand_out, one_line, printable_json, say
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.stack.environment import place_of
from harness.stack.giving import give
from harness.stack.lending import lent_layers, not_over_the_api
from harness.stack.model import DeployError, Stack
from harness.stack.stack_choice import place_for, stacks_of
from harness.states.timestamps import format_timestamp
from harness.stepfunctions.task_time import ClockMode
from harness.stepfunctions.waiting_task import WaitingTask

if TYPE_CHECKING:
    from harness.cli.reloading import Reloading
    from harness.debugging.editors import AnyDebugging
    from harness.page.server import Page

# A distributed Map may have thousands of token tasks.
_MOST_AT_ONCE: Final = 5
OUTPUTS: Final = "HARNESS_OUTPUTS"
"""The environment variable that passes the stack outputs to a command as a JSON object."""
OPEN: Final = (
    "# --open: every user on this machine can use this engine, and can therefore run code as you. Without "
    "--open the session token is required."
)


@dataclass(frozen=True)
class Visitors:
    """Clients that can use the engine without its session token.

    `anybody` admits every user on this machine. `origins` lists the origins of admitted web pages.
    """

    anybody: bool = False
    origins: tuple[str, ...] = ()


def stay_up(
    scenario: Scenario | None,
    engine: Engine,
    settings: Settings,
    visitors: Visitors,
    *,
    clock: str | None,
    as_json: bool,
    command: Sequence[str] | None = None,
    page: bool = True,
    reloading: Reloading | None = None,
    debugging: AnyDebugging | None = None,
) -> int:
    """Start the engine, seed and deploy the scenario if there is one, print how to connect, and keep running.

    Args:
        clock: `virtual` or `real`; None to use the scenario's clock.
        command: command to run. Its exit code is returned, and the engine's output goes to stderr.
        page: serve the page, unless there is a command.
        reloading: knows the files read so far, and updates the stacks when one of them is saved.
        debugging: enables debugging of functions.
    """
    layers = lent_layers(settings)
    mode = ClockMode(clock or (scenario and scenario.clock) or ClockMode.VIRTUAL)
    with debugging.desk if debugging else nullcontext(), Session(engine) as session, ExitStack() as ends:
        session.debugger = debugging
        planned = stacks_of(scenario, settings) if scenario is not None else ()
        session.go_to(place_of(planned, settings) if planned else place_for(settings))
        virtual = _has_virtual_clock(session, clock)
        outputs: dict[str, str] = {}
        notes: tuple[Note, ...] = ()
        stack: Stack | None = None
        if scenario is not None:
            try:
                with linted(planned, settings):
                    stack = session.prepare(scenario, settings, mode=mode, people=True)
            except DeployError as error:
                raise SettingsError(str(error)) from error
            outputs, notes = dict(stack.outputs), stack.notes
        else:
            session.allow_network(settings)
            if debugging:
                debugging.begin(engine)
        if scenario is None and virtual:
            engine.set_clock_mode(mode, people=True)
        endpoint = session.start()
        if scenario is None:
            give(engine, session.clients, settings.given)
        lends = engine.lend_layers(layers)
        _admit(engine, visitors)
        screen = sys.stderr if as_json or command is not None else sys.stdout
        served = _serve_page(session, stack, screen, ends) if page and command is None else None
        if reloading and scenario and stack:  # changes are detected from now on
            updater = reloading.begin(session, scenario, settings, stack)
            updater.start(screen, served.look.notices if served else [])
        if command is None:
            ends.enter_context(ended_by_ctrl_c())
            say_ready(engine, endpoint, outputs, as_json=as_json, page=served.link if served else "")
        say_notes(notes, screen)
        for each in not_over_the_api(settings, lends=lends):
            told = f"# ignored for stacks that you create yourself: [tool.harness] {each}"
            say(one_line(told), file=screen, flush=True)
        if virtual:
            _begin_to_tell(engine, screen, all_=command is None)
        if command is not None:
            return run_command(command, {**endpoint.env, OUTPUTS: json.dumps(outputs)})
        stay_with(engine)
    return 0


def _admit(engine: Engine, visitors: Visitors) -> None:
    """Admit the visitors, and print a warning about them.

    Raises:
        SettingsError: the engine cannot admit web pages.
    """
    if visitors == Visitors():
        return
    if not engine.admit(anybody=visitors.anybody, origins=visitors.origins):
        if visitors.origins:
            raise SettingsError(f"--cors: not supported by {engine.label}; omit it, or use --engine moto")
        return
    if visitors.anybody:
        say(OPEN, file=sys.stderr, flush=True)


def _begin_to_tell(engine: Engine, screen: TextIO, *, all_: bool) -> None:
    """Print waiting tasks until the engine stops. With all output, also print function logs and published
    messages.
    """
    for tell in (_tell_who_waits, *((tell_logs, tell_messages) if all_ else ())):
        threading.Thread(target=tell, args=(engine, screen), daemon=True).start()


def _serve_page(session: Session, stack: Stack | None, screen: TextIO, ends: ExitStack) -> Page:
    from harness.page.look import Look  # noqa: PLC0415  (only here)
    from harness.page.server import Page  # noqa: PLC0415

    def tell(page: Page) -> None:
        say(f"# The page is open in your browser. For another browser: {page.link}", file=screen, flush=True)

    page = Page(Look(session.engine, session.clients, stack=stack), tell)
    page.start()
    ends.callback(page.stop)
    return page


def say_ready(
    engine: Engine, endpoint: Endpoint, outputs: Mapping[str, str], *, as_json: bool, page: str = ""
) -> None:
    """Print how to connect to the engine, and the stack outputs. `page` is a link that opens the page."""
    if as_json:
        ready = {
            "endpoint_url": endpoint.url,
            "region": endpoint.region,
            "account_id": endpoint.account_id,
            "env": endpoint.env,
            "outputs": outputs,
            **({"page": page} if page else {}),
        }
        hand_out(printable_json(json.dumps(ready)))
    else:
        say(f"# {engine.label} is ready; Ctrl-C stops it. To use it from another terminal:")
        hand_out(exports(endpoint.env))
        if page:
            hand_out(f"# To open its page (the link works once): {page}")
        say(*(one_line(f"# {name}: {value}") for name, value in outputs.items()), flush=True)


def say_notes(notes: tuple[Note, ...], screen: TextIO) -> None:
    """Print notes. They are for human readers, even in JSON mode."""
    for note in notes:
        told = one_line(f"# {note.heading}: {note.place}: {note.subject}: {note.text}")
        say(told, file=screen, flush=True)


def _has_virtual_clock(session: Session, clock: str | None) -> bool:
    """Start the engine, and return whether it has a virtual clock.

    Raises:
        SettingsError: a virtual clock is requested, but the engine does not have one.
    """
    session.start()
    engine = session.engine
    virtual = Capability.VIRTUAL_CLOCK in engine.capabilities
    if clock == "virtual" and not virtual:
        raise SettingsError(
            f"--clock virtual: {engine.label} has no virtual clock; omit it, or use --engine moto"
        )
    return virtual


def _tell_who_waits(engine: Engine, screen: TextIO) -> None:
    """Print each task that is waiting for an external response, until the engine stops."""
    for tasks in heard(engine.waiting):
        for task in tasks[:_MOST_AT_ONCE]:
            say(waiting_text(task), file=screen, flush=True)
        if len(tasks) > _MOST_AT_ONCE:
            say(
                f"# {len(tasks) - _MOST_AT_ONCE} more tasks are waiting in the same way.",
                file=screen,
                flush=True,
            )


def waiting_text(task: WaitingTask) -> str:
    """Return shell comments that describe a waiting task, its deadline, and how to complete it."""
    machine, _, name = task.execution_arn.partition(":execution:")[2].rpartition(":")
    if task.activity_arn:
        return "\n".join(
            [
                f"# Execution {name} of {machine} waits in state {task.state} for a worker to take its task.",
                f"# To continue: aws stepfunctions get-activity-task --activity-arn {task.activity_arn}",
                "# and aws stepfunctions send-task-success --task-output '{}' --task-token TOKEN",
            ]
        )
    until = ", without a time limit."
    if task.until is not None and task.left_s is not None:
        until = f" until {format_timestamp(task.until)}, {max(task.left_s, 0.0):.0f} s from now."
    lines = [
        f"# Execution {name} of {machine} waits in state {task.state} ({task.resource})",
        f"# for an outside system to return its task token{until}",
    ]
    if task.until is not None:
        beat = "" if task.heartbeat_s is None else f" A heartbeat is required every {task.heartbeat_s} s."
        lines.append(f"# Until then, time passes in real time.{beat}")
    lines += [
        "# To continue: aws stepfunctions send-task-success --task-output '{}' \\",
        f"#   --task-token {task.token}",
    ]
    return "\n".join(lines)
