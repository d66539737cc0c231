"""Tests the harness with third-party projects, and counts the outcomes of deployments and runs.

    python benchmarks/projects.py FOLDER...                # folders of checkouts
    python benchmarks/projects.py FOLDER --match sam --json projects.json
    python benchmarks/projects.py FOLDER --stand-ins               # with generated stand-ins and answers

Each template with a state machine is a project. It is deployed unchanged; parameters without a default
get a value of their type. A project is deployed if it reaches CREATE_COMPLETE, the code of each function
loads, and each definition equals the one in the file, except for its `${...}`. Then each state machine is
started, with an input that has a value at each path that the definition reads. `differs` means that code
does not load, or that a definition differs. `refused` is an error that names the problem. `unclear` is a
traceback, an error 500, or a hang.

With --stand-ins, a scenario is generated for each state machine: `tasks` for unsupported services and for
functions in other runtimes, from AWS's models, `answers` for tokens, and an input from the definition's
reads. `succeeded` and `failed` are projects whose machines end after at least one task, but not with
States.Runtime, which is `unclear`. --keep FOLDER keeps the scenarios, for `harness run`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import played
from values import parameter_value

from harness.cloudformation.parameters import required_in
from harness.cloudformation.reading import read
from harness.engine.moto.engine import MotoEngine
from harness.files import read_text
from harness.polling import PollTimeout, poll
from harness.session import Session
from harness.stack.checkout import Found, found_in
from harness.stack.deploy import deploy
from harness.stack.model import STATE_MACHINE, DeployError
from harness.stack.runtimes import runtime_problems
from harness.stack.template import TemplateError, read_template

LIMIT_S = 420
NOT_LOADED = ("Runtime.ImportModuleError", "Runtime.HandlerNotFound", "Runtime.UserCodeSyntaxError")
OUTCOMES = ("ran", "deployed", "differs", "refused", "unclear")
RUN_S = 30.0
UNCLEAR = ("Traceback", "the engine raised an exception", "AttributeError")


def one(template: Path) -> dict[str, Any]:
    """Try one template; the outcome is one of OUTCOMES."""
    try:
        declared: Any = read_template(template)
        parameters = {
            name: parameter_value(name, declared["Parameters"][name], number)
            for number, name in enumerate(required_in(declared), 1)
        }
        if problems := runtime_problems(template, parameters, "moto"):
            return {"outcome": "refused", "reason": "\n".join(map(str, problems))}
        with Session(MotoEngine()) as session:
            clients = session.fresh()
            name = re.sub(r"[^A-Za-z0-9]+", "-", template.parent.name).strip("-")
            stack = deploy(clients, template, f"a-{name[:20]}", parameters)
            report = {"notes": [str(note) for note in stack.notes], "machines": {}, "functions": {}}
            for name, physical in stack.of_type("AWS::Lambda::Function").items():
                report["functions"][name] = loads(clients.client("lambda"), physical)
            states = clients.client("stepfunctions")
            wrong = [f"{name}: {kind}" for name, kind in report["functions"].items() if kind]
            for name, arn in stack.of_type(STATE_MACHINE).items():
                definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
                if not is_of(definition, written_in(template, name, parameters)):
                    wrong.append(f"{name}: the definition differs from the file")
                report["machines"][name] = run(states, arn, definition)
    except (TemplateError, DeployError) as error:
        return {"outcome": "refused", "reason": str(error)}
    ran = all(end.startswith("SUCCEEDED") for end in report["machines"].values())
    outcome = "differs" if wrong else "ran" if ran else "deployed"
    return {"outcome": outcome, "reason": "; ".join(wrong), **report}


def written_in(template: Path, machine: str, parameters: dict[str, str]) -> Any:
    """Return the definition in the file that a state machine specifies; None if it is in the
    template.
    """
    resources: Any = read_template(template, parameters)["Resources"]
    place = resources.get(machine, {}).get("Properties", {}).get("DefinitionS3Location")
    if not isinstance(place, str):
        return None
    # An unquoted variable is not valid JSON, and not always valid YAML: replace it.
    return read(
        re.sub(r"(?<=[:\[,\s])\$\{\w+\}(?=\s*[,}\]\n])", '"${X}"', read_text(template.parent / place))
    )


def is_of(made: Any, written: Any) -> bool:
    """Return whether a definition equals the written one, for any values of its variables."""
    if isinstance(written, str) and "${" in written:
        parts = map(re.escape, re.split(r"\$\{[^}]*\}", written))
        return not isinstance(made, str) or re.fullmatch(".*".join(parts), made, re.DOTALL) is not None
    if isinstance(written, dict):
        return isinstance(made, dict) and is_of([*map(list, made.items())], [*map(list, written.items())])
    if isinstance(written, list):
        same_size = isinstance(made, list) and len(made) == len(written)
        return same_size and all(map(is_of, made, written))
    return written is None or made == written


def loads(client: Any, function: str) -> str:
    """Return the error with which a function's code fails to load; "" if it loads, or must not be called."""
    try:
        answer = client.invoke(FunctionName=function, Payload=b"{}")
    except client.exceptions.TooManyRequestsException:
        return ""
    said = json.loads(answer["Payload"].read() or "null")
    kind = said.get("errorType", "") if isinstance(said, dict) else ""
    return kind if kind in NOT_LOADED else ""


def run(client: Any, arn: str, definition: Any) -> str:
    """Return the final status of an execution, with its error and cause."""
    if client.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS":
        return "EXPRESS: not started"
    started = client.start_execution(stateMachineArn=arn, input=json.dumps(sensible_input(definition)))
    try:
        seen = poll(
            lambda: client.describe_execution(executionArn=started["executionArn"]),
            lambda seen: seen["status"] != "RUNNING",
            what=arn,
            timeout_s=RUN_S,
        )
    except PollTimeout:
        return "RUNNING"
    return f"{seen['status']} {seen.get('error', '')} {seen.get('cause', '')}".strip()[:300]


def sensible_input(definition: Any) -> dict[str, Any]:
    """Return an input with a string at each path that the definition reads."""
    made: dict[str, Any] = {}
    for path in re.findall(r'"\$\.([A-Za-z_][\w.]*)"', json.dumps(definition)):
        *within, last = path.split(".")
        place = made
        for key in within:
            place = place.setdefault(key, {}) if isinstance(place.get(key, {}), dict) else {}
        place.setdefault(last, "1")
    return made


def tried(template: Path, keep: Path | None) -> dict[str, Any]:
    """Run `one`, or with `keep` `played.play`, in a separate process with a time limit."""
    command = [sys.executable, __file__, "--one", str(template)]
    command += ["--stand-ins", "--keep", str(keep)] if keep else []
    begin = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"outcome": "unclear", "reason": f"not done after {LIMIT_S} s"}
    with suppress(ValueError):
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1] if done.stdout else "")
        found["seconds"] = round(time.monotonic() - begin, 1)
        if not keep and any(word in found["reason"] for word in UNCLEAR):
            found["outcome"] = "unclear"
        return found
    return {"outcome": "unclear", "reason": done.stderr[-2000:]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--match", default="", help="only templates of this kind: sam, cdk, cloudformation")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--stand-ins", action="store_true", help="run with generated stand-ins")
    parser.add_argument("--keep", type=Path, help="keep the generated scenarios in this folder")
    parser.add_argument(
        "--again", type=Path, help="an earlier --json file: run its refused and unclear projects"
    )
    arguments = parser.parse_args()
    if arguments.one:
        template = arguments.one
        print(json.dumps(played.play(template, arguments.keep) if arguments.stand_ins else one(template)))
        return
    projects = [each for folder in arguments.folders for each in found_in(folder) if each.machines]
    projects = [each for each in projects if arguments.match in each.form]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        kept = (arguments.keep or Path(folder)).resolve()
        places = [
            kept / f"{number:03}-{played.plain(each.path.parent.name)}" if arguments.stand_ins else None
            for number, each in enumerate(projects)
        ]
        known = (
            {row["path"]: row for row in json.loads(arguments.again.read_text())} if arguments.again else {}
        )
        rows: list[dict[str, Any]] = []

        def result_of(project: Found, place: Path | None) -> dict[str, Any]:
            row = known.get(str(project.path))
            keeps = row is not None and row["outcome"] not in ("refused", "unclear")
            result = row if row is not None and keeps else tried(project.path.resolve(), place)
            rows.append({**result, "path": str(project.path), "kind": project.form})
            if arguments.json:  # partial results
                arguments.json.write_text(json.dumps(rows, indent=1))
            return result

        results = list(pool.map(result_of, projects, places))
    outcomes = played.OUTCOMES if arguments.stand_ins else OUTCOMES
    for each, result in zip(projects, results, strict=True):
        reason = (result["reason"].splitlines() or [""])[0]
        print(f"{result['outcome']:9} {each.form:15} {each.path}  {reason}")
    counts = Counter((each.form, result["outcome"]) for each, result in zip(projects, results, strict=True))
    print("\n| form | found | " + " | ".join(outcomes) + " |\n|---|" + "---|" * (len(outcomes) + 1))
    for kind in sorted({each.form for each in projects}):
        numbers = [counts[kind, outcome] for outcome in outcomes]
        print(f"| {kind} | {sum(numbers)} | " + " | ".join(map(str, numbers)) + " |")


if __name__ == "__main__":
    main()
