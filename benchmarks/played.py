"""Runs third-party projects, each state machine separately, with stand-ins for unsupported tasks."""

from __future__ import annotations

import json
import re
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standing import Machine, Project, plain, unserved_in
from values import parameter_value, parts_of

from harness.cloudformation.parameters import required_in
from harness.engine import engine_of
from harness.expect.project import load_scenarios
from harness.functions.shared.runtimes import refusal
from harness.given import Given
from harness.lint.scenarios import check_first
from harness.observe.definitions import map_items
from harness.observe.model import Execution
from harness.planned import Planned
from harness.projects import Projects
from harness.regions import Place
from harness.report.model import Result
from harness.scenario.position import ScenarioError
from harness.session import USERS, Session
from harness.settings import SettingsError
from harness.stack.missing_values import missing_in
from harness.stack.model import STATE_MACHINE
from harness.stack.sam_project import configured_parameters
from harness.stack.template import read_template
from harness.stack.unserved_tasks import states_in
from harness.stand_ins import tasks_in

OUTCOMES = ("succeeded", "failed", "no task", "refused", "unclear")
"""Possible outcomes. A project has the last one in this order that any of its machines with tasks has."""
FUNCTION = "AWS::Lambda::Function"
STACK = "my-stack"  # some templates split AWS::StackId at its hyphens, and expect one in the name
ARN = "arn:aws:lambda:us-east-1:123456789012:function:example"
_TRIES = 6
VARIANTS = 4  # paths through a machine's Choices to try, until one reaches a task and its end
_NOT_SERVED = "so the result on AWS is unknown"
"""Text in the error for an operation that the engine does not support."""
_TOKENS = re.compile(r"[A-Za-z0-9]+")
_DONE = ("TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "TaskStartFailed")
_OF_OTHERS = ("LambdaFunction", "Activity")


@dataclass
class Files:
    """The files of a project to run: settings and scenarios, in a separate folder."""

    template: Path
    folder: Path
    parameters: dict[str, str]
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, scenarios: Mapping[str, Any]) -> tuple[Path, ...]:
        """Write the settings, and scenarios by name; JSON is valid YAML."""
        lines = ["[tool.harness]", f"template = {json.dumps(str(self.template))}"]
        lines += [f'stack_name = "{STACK}"', "lint = false"]
        for table, values in {"parameters": self.parameters, **self.wanted}.items():
            lines += [f"[tool.harness.{table}]"] if values else []
            lines += [f"{json.dumps(name)} = {_toml(value)}" for name, value in values.items()]
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "pyproject.toml").write_text("\n".join([*lines, ""]))
        (self.folder / "scenarios").mkdir(exist_ok=True)
        for name, scenario in scenarios.items():
            text = json.dumps(scenario, indent=1, ensure_ascii=False)
            (self.folder / "scenarios" / f"{name}.yaml").write_text(text + "\n")
        return tuple(self.folder / "scenarios" / f"{name}.yaml" for name in scenarios)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)


def play(template: Path, folder: Path) -> dict[str, Any]:
    """Return the outcome of a project, the reason, and the outcome of each of its state machines."""
    try:
        return _played(template, folder)
    except (SettingsError, *USERS) as error:
        return {"outcome": "refused", "reason": _text(error), "machines": {}}
    except Exception:
        return {"outcome": "unclear", "reason": traceback.format_exc()[-2000:], "machines": {}}


def _text(error: Exception) -> str:
    return "\n".join(map(str, error.problems)) if isinstance(error, ScenarioError) else str(error)


def _played(template: Path, folder: Path) -> dict[str, Any]:
    files = Files(template, folder, _parameters(template))
    for table, name, value in _wanted(files):
        files.wanted.setdefault(table, {})[name] = value
    declared: Any = read_template(template, files.parameters)["Resources"]
    functions = {
        n: each.get("Properties", {}) for n, each in declared.items() if each.get("Type") == FUNCTION
    }
    stood_for = dict(_of_other_runtimes(functions))
    checked = _checked(files, functions, stood_for)
    projects = Projects({})
    settings = projects.of(checked)
    with Session(engine_of(settings)) as session:
        first = load_scenarios([checked], projects.of)[0]
        stack = session.prepare(first, settings)
        described = session.clients.stepfunctions.describe_state_machine
        machines = [
            (name, arn, json.loads(described(stateMachineArn=arn)["definition"]))
            for name, arn in stack.of_type(STATE_MACHINE).items()
        ]
        unserved = session.engine.unserved_states([arn for _, arn, _ in machines])
        code = {name: found for name, each in functions.items() if (found := _code(template, each))}
        made = [
            Machine(name, arn, text, unserved_in(stack, name, text, [s.state for s in unserved.get(arn, ())]))
            for name, arn, text in machines
        ]
        ends: dict[str, dict[str, Any]] = {}
        kept: dict[str, Any] = {}
        slow = {name: "takes too long" for name in functions if name not in stood_for}
        for variant in range(VARIANTS):
            for each in made:
                before = ends.get(plain(each.name))
                if not _is_open(before, each.definition):
                    continue
                late = slow if before and before.get("status") == "RUNNING" else {}
                if before is not None:
                    before["again"] = True
                project = Project(stack, made, {**stood_for, **late}, code, 0 if late else variant)
                name, scenario = plain(each.name), project.scenario(each)
                end = _end(session, files.write({name: scenario})[0], projects)
                if before is None or _rank(end) < _rank(before):
                    ends[name], kept[name] = end, scenario
        files.write(kept)
    with_tasks = {plain(each.name) for each in made if any(tasks_in(each.definition))}
    for name in ends.keys() - with_tasks:
        ends[name] |= {"outcome": "no task", "reason": f"it contains no task; {ends[name]['reason']}"}
    judged = [end for name, end in ends.items() if name in with_tasks] or list(ends.values())
    worst = max(judged, key=lambda end: OUTCOMES.index(end["outcome"]), default=None)
    if worst is None:
        return {"outcome": "refused", "reason": "no state machine is deployed", "machines": {}}
    return {"outcome": worst["outcome"], "reason": worst["reason"], "machines": ends, "stood_for": stood_for}


def _rank(end: Mapping[str, Any]) -> int:
    return OUTCOMES.index(end["outcome"])


def _is_open(end: Mapping[str, Any] | None, definition: Any) -> bool:
    """Return whether to run a machine: it has not run yet, or its Choices may lead to a better end."""
    if end is None:
        return True
    if end.get("status") == "RUNNING":  # again, without its functions
        return "again" not in end
    choices = any(isinstance(state, dict) and "Choices" in state for _, state in states_in(definition))
    ended = end["outcome"] == "no task" or end.get("error") == "States.Runtime"
    return choices and ended and any(tasks_in(definition))


def _parameters(template: Path) -> dict[str, str]:
    declared: Any = read_template(template)
    configured, parts = configured_parameters(template), parts_of(declared)
    missing = [name for name in (*required_in(declared), *_empty_in(declared)) if name not in configured]
    return {
        name: parameter_value(name, declared["Parameters"][name], number, parts.get(name, {}))
        for number, name in enumerate(missing, 1)
    }


def _empty_in(declared: Any) -> list[str]:
    """Return the parameters that are empty by default and do not affect anything."""
    conditions = json.dumps([declared.get("Conditions"), declared.get("Rules")], default=str)
    return [
        name
        for name, entry in (declared.get("Parameters") or {}).items()
        if isinstance(entry, dict) and entry.get("Default") == "" and f'"{name}"' not in conditions
    ]


def _wanted(files: Files) -> Iterator[tuple[str, str, Any]]:
    """Yield external values that a template requires: the settings table, the name and a value."""
    parameters = {**configured_parameters(files.template), **files.parameters}
    for each in missing_in([Planned(files.template, STACK, parameters)], Given(), Place(), "moto"):
        want = each.want
        if want.kind == "parameter":
            yield "ssm", want.name, {"secure": "1"} if want.secure else "1"
        elif want.kind == "secret":
            yield "secrets", want.name, {want.member: "1"} if want.member else "1"
        elif want.kind == "export":
            yield "exports", want.name, ARN if "Arn" in want.name else "1"


def _of_other_runtimes(functions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, properties in functions.items():
        package, runtime = properties.get("PackageType", "Zip"), properties.get("Runtime")
        if not isinstance(runtime, str) and package != "Image":
            continue
        if wrong := refusal(runtime or "", package):
            yield name, wrong[0]


def _checked(files: Files, functions: Mapping[str, Any], stood_for: dict[str, str]) -> Path:
    """Write a scenario that passes the checks: functions that cannot run get stand-ins, too."""
    projects = Projects({})
    for left in reversed(range(_TRIES)):
        tasks = [{"function": name, "result": {}} for name in stood_for]
        scenario = {
            "title": "It is deployed",
            **({"tasks": tasks} if tasks else {}),
            "run": {"input": {}},
            "expect": {"execution": {"status": "SUCCEEDED"}},
        }
        machines = [name for name, each in _resources(files).items() if each.get("Type") == STATE_MACHINE]
        scenario["run"] = {"input": {}, **({"state_machine": machines[0]} if machines else {})}
        path = files.write({"deployed": scenario})[0]
        try:
            check_first(load_scenarios([path], projects.of), projects.of)
        except (SettingsError, ScenarioError) as error:
            new = dict(_blamed(_text(error), functions, stood_for))
            if not new or not left:
                raise
            stood_for |= new
        else:
            break
    return path


def _resources(files: Files) -> dict[str, Any]:
    found: Any = read_template(files.template, files.parameters)["Resources"]
    return dict(found)


def _blamed(text: str, functions: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return the functions named first in the lines of an error, each with its line."""
    for line in text.splitlines():
        message = re.sub(r"^\S+?:\d+:\d+: ", "", line).removeprefix("resource ")
        first = _TOKENS.match(message)
        if first and first[0] in functions and first[0] not in known:
            yield first[0], message


def _code(template: Path, properties: Any) -> tuple[Path, str] | None:
    place, handler = properties.get("Code"), properties.get("Handler")
    if not isinstance(place, str) or not isinstance(handler, str) or "://" in place:
        return None
    return template.parent / place, handler


def _end(session: Session, path: Path, projects: Projects) -> dict[str, Any]:
    """Return the end of one state machine: an outcome, and the reason as one line."""
    try:
        scenario = load_scenarios([path], projects.of)[0]
        result = session.run(scenario, projects.of(path))
    except (SettingsError, *USERS) as error:
        return {"outcome": "refused", "reason": _text(error)}
    except Exception:
        return {"outcome": "unclear", "reason": traceback.format_exc()[-2000:]}
    ended = result.outcome != "error" and result.observation is not None
    inner = map_items(session.clients, result.observation.runs) if ended and result.observation else {}
    return _judged(result, [item for items in inner.values() for item in items])


def _judged(result: Result, items: Sequence[Execution]) -> dict[str, Any]:
    seen = result.observation
    found = [f"{each.expectation}: {each.summary}" for each in result.mismatches]
    if _NOT_SERVED in result.reason:
        return {"outcome": "refused", "reason": result.reason, "mismatches": found}
    if result.broke or "Traceback" in result.reason:
        return {"outcome": "unclear", "reason": result.reason[-2000:], "mismatches": found}
    if result.outcome == "skipped" or seen is None or not seen.runs:
        return {"outcome": "refused", "reason": result.reason, "mismatches": found}
    run = seen.runs[0]
    status, error = run.execution.status, run.execution.error or ""
    tasks = sum(_tasks(each) for each in (*run.executions, *items))
    # Express Map items have no history: count calls from the machines, and responses from stand-ins.
    tasks = tasks or sum(not call.function for call in seen.calls) + sum(seen.stand_ins_used.values())
    said = {"status": status, "error": error, "cause": (run.execution.cause or "")[:400], "tasks": tasks}
    said |= {"path": list(run.execution.path), "mismatches": found}
    reason = f"{status} {error}".strip()
    if result.outcome == "error":
        return {"outcome": "unclear", "reason": result.reason[-2000:], **said}
    if error == "States.Runtime":
        return {"outcome": "unclear", "reason": f"{reason}: {said['cause']}", **said}
    if not tasks:
        return {"outcome": "no task", "reason": reason, **said}
    return {"outcome": "succeeded" if status == "SUCCEEDED" else "failed", "reason": reason, **said}


def _tasks(execution: Execution) -> int:
    """Return the number of completed tasks in an execution."""
    kinds = Counter(event.type for event in execution.events)
    own = sum(number for kind, number in kinds.items() if kind in _DONE)
    of_others = (number for kind, number in kinds.items() if kind.startswith(_OF_OTHERS))
    return own + sum(of_others) // 3
