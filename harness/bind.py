"""Binds the runs, faults, durations and answers in a scenario to the names in the deployed stack.

A scenario refers to functions by logical ID. Its bucket names can differ from the names on the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.execute import Start
from harness.functions.faults.answers import Answers
from harness.functions.shared.model import Fault
from harness.renaming import used
from harness.scenario.answers import AnswerSpec, placed_answers
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.scenario.source import Reference
from harness.stack.model import DeployError, Stack
from harness.stack.naming import executions_of
from harness.stepfunctions.answer import Answer
from harness.stepfunctions.task_time import TaskDuration


def faults(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[Fault]:
    """Return the scenario's faults. A fault's ID is its position in the scenario. Raises DeployError for an
    unknown function.

    The stand-ins for calls follow the faults and continue the numbering.
    """
    names = _functions(scenario, stack, "faults", (spec.function for spec in scenario.faults))
    executions = executions_of(scenario, stack)
    found = [_fault(n, spec, names, executions, renamed) for n, spec in enumerate(scenario.faults)]
    return [*found, *_answers(scenario, stack, renamed)]


def _answers(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Iterator[Fault]:
    names = _functions(scenario, stack, "calls", (spec.function for spec in scenario.calls))
    executions = executions_of(scenario, stack)
    number = len(scenario.faults)
    for spec in scenario.calls:
        service, operation = spec.api
        for answer, (first, last) in spec.answers:
            arguments = {
                "answers": used(answer.result, renamed),
                "error": answer.error or "",
                "message": answer.message,
                "takes_s": answer.takes_s,
            }
            yield Fault(
                Answers.key,
                "call",
                service,
                operation,
                params=used(spec.params, renamed),
                function=names.get(spec.function, ""),
                state=spec.state,
                first=first,
                last=last,
                arguments=arguments,
                id=number,
                run=executions.get(spec.run, ""),
            )
            number += 1


def durations(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[TaskDuration]:
    """Return the scenario's durations, in file order. Raises DeployError for an unknown function."""
    names = _functions(scenario, stack, "durations", (spec.function for spec in scenario.durations))
    executions = executions_of(scenario, stack)
    return [
        TaskDuration(
            spec.takes_s,
            names[spec.function] if spec.function else "",
            spec.task or "",
            renamed.get(spec.bucket, spec.bucket),
            spec.call,
            executions.get(spec.run, ""),
        )
        for spec in scenario.durations
    ]


def answers(scenario: Scenario, stack: Stack) -> tuple[Sequence[Answer], Sequence[str]]:
    """Return the scenario's answers in file order, and the executions of runs that have their own answers.

    Raises DeployError for a state machine that is not in the stack.
    """
    executions = executions_of(scenario, stack)
    own = {run.name: executions[run.name] for run in scenario.runs if run.answers is not None}
    return [_answer(spec, own.get(run, "")) for _, spec, run in placed_answers(scenario)], list(own.values())


def starts(scenario: Scenario, stack: Stack, renamed: Mapping[str, str]) -> Sequence[Start]:
    """Return the scenario's runs. In their inputs, the resource's physical ID replaces `!Ref Name`.

    Raises DeployError if the stack does not have the state machine or the resource.
    """
    return [
        Start(
            run.name,
            stack.state_machine(run.state_machine),
            used(_referred(run.input, stack), renamed),
            run.timeout_s,
            run.at_s,
        )
        for run in scenario.runs
    ]


def _referred(value: object, stack: Stack) -> object:
    if isinstance(value, Reference):
        return stack.resource(value).physical_id
    if isinstance(value, Mapping):
        return {key: _referred(each, stack) for key, each in value.items()}
    return [_referred(each, stack) for each in value] if isinstance(value, list) else value


def _answer(spec: AnswerSpec, execution_arn: str) -> Answer:
    first, last = spec.which
    beats = spec.heartbeats
    return Answer(
        spec.state,
        spec.kind,
        execution_arn,
        spec.when,
        spec.params,
        first,
        last,
        spec.after_s,
        spec.output,
        spec.error,
        spec.cause,
        None if beats is None else beats.every_s,
        None if beats is None else beats.times,
        spec.worker or "",
        spec.iterations,
    )


def _fault(
    place: int,
    spec: FaultSpec,
    names: Mapping[str, str],
    executions: Mapping[str, str],
    renamed: Mapping[str, str],
) -> Fault:
    service, operation = spec.api
    first, last = spec.which
    return Fault(
        spec.kind.key,
        spec.target,
        service,
        operation,
        params=used(spec.params, renamed),
        function=names.get(spec.function, ""),
        state=spec.state,
        bucket=renamed.get(spec.bucket, spec.bucket),
        first=first,
        last=last,
        arguments=used(spec.arguments, renamed),
        id=place,
        run=executions.get(spec.run, ""),
        iterations=spec.iterations,
    )


def _functions(scenario: Scenario, stack: Stack, key: str, asked: Iterable[str | None]) -> Mapping[str, str]:
    """Return the names of the template's functions by logical ID.

    Raises:
        DeployError: the template does not have a requested function.
    """
    functions = stack.of_type("AWS::Lambda::Function")
    for function in asked:
        if function and function not in functions:
            raise DeployError(
                f"{scenario.path}: {key}: the template has no function {function}; "
                f"known: {', '.join(sorted(functions))}"
            )
    return functions
