"""The operations of the API, by name. Each takes parameters and returns a result.

    api = StepFunctions(simulation)
    api.call("ListStateMachines", Caller("123456789012", "us-east-1"), {})

The simulation stands still during every operation, which takes effect at the current virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, TypeAlias

from harness.json_types import Json, JsonObject
from harness.states import Execution, InvalidDefinition, Simulation, Work, parse
from harness.states.parse.integrations import Integrations
from harness.stepfunctions import logs, views
from harness.stepfunctions.activities import Activities, Activity
from harness.stepfunctions.arns import Caller, check_kind
from harness.stepfunctions.configuration import LogGroupExists
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.executions import Executions
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.machine import StateMachine, Target
from harness.stepfunctions.machines import Machines, unsupported_type
from harness.stepfunctions.paging import page
from harness.stepfunctions.parameters import Parameters, checked
from harness.stepfunctions.tags import check_tag_count, read_tags
from harness.stepfunctions.task_answers import TaskAnswers
from harness.stepfunctions.versions import Versions

Answer: TypeAlias = JsonObject


class StepFunctions:
    """The API for one simulation.

    Args:
        visible_after_s: the time on the clock after which a new machine or execution becomes visible to other
            calls. On AWS, some of them also become visible with a delay.
        integrations: the integrations that a Task's Resource can refer to. Default: all AWS integrations.
        log_group_exists: returns whether a log group for a machine's executions exists.
        write_log: called with each log line, when its event is recorded.
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        visible_after_s: float = 0.0,
        integrations: Integrations | None = None,
        log_group_exists: LogGroupExists = lambda _caller, _name: True,
        write_log: logs.Write = lambda _line: None,
    ) -> None:
        self._simulation = simulation
        self._integrations = integrations or Catalog()
        self._now = simulation.clock.now
        self.machines = Machines(
            self._now, visible_after_s, self._integrations, log_group_exists, simulation.seed
        )
        self.versions = Versions(self.machines, self._now)
        self.executions = Executions(simulation, visible_after_s, write_log)
        self._starters: dict[str, str] = {}
        self.activities = Activities(self._now, visible_after_s, simulation.activities)
        self._answers = TaskAnswers(simulation)
        self.note_token = self._answers.note

    def call(
        self, operation: str, caller: Caller, parameters: Parameters, *, during: Work | None = None
    ) -> Answer:
        """Run an operation.

        Args:
            during: the task whose code makes the call. The call takes effect at that task's virtual time.
            by: the ARN of that task's execution; "" if there is none.

        Raises:
            ApiError: AWS's error response.
        """
        method = _OPERATIONS.get(operation)
        if method is None:
            raise ApiError("UnknownOperationException", f"{operation} is not served here")
        given = checked(operation, parameters)
        with self._simulation.scheduler.frozen(during):
            return method(self, caller, given)

    @property
    def task_tokens(self) -> Mapping[str, str]:
        """All tokens that were issued, each with the ARN of its execution or activity."""
        return dict(self._answers.given_out)

    def note_starter(self, execution_arn: str, by: str) -> None:
        """Record that one execution started another. Later records for the same execution are ignored."""
        if by != execution_arn:
            self._starters.setdefault(execution_arn, by)

    def lineage(self, execution_arn: str) -> Iterator[str]:
        """Return an execution, followed by its known ancestors: the executions that started it, or whose Map
        Run it belongs to.
        """
        # prevents endless loops: an execution can request the start of one that is already running
        seen: set[str] = set()
        while execution_arn and execution_arn not in seen:
            yield execution_arn
            seen.add(execution_arn)
            if execution_arn in self._simulation.items:
                execution_arn = self._simulation.items[execution_arn][1].arn
            else:
                execution_arn = self._starters.get(execution_arn, "")

    def is_within(self, execution_arn: str, run: str) -> bool:
        """Return whether the first execution is the second one, or is known to have been started by it. Both
        arguments are ARNs.
        """
        return run in self.lineage(execution_arn)

    def start(self, caller: Caller, given: Parameters, *, to_end: bool = False) -> Execution:
        """Start an execution like StartExecution.

        Args:
            to_end: the caller is a `.sync` task that waits for the execution to end. This requires
                DescribeExecution, so Express machines are rejected.

        Raises:
            ApiError: the request is rejected.
        """
        target = self.machines.startable(caller, given["stateMachineArn"])
        if to_end and target.machine.express:
            raise unsupported_type()
        return self._start(target, given)

    def start_sync(self, caller: Caller, parameters: Parameters) -> Execution:
        """Start an Express execution like StartSyncExecution. After it has ended, `sync_answer` returns the
        response.

        Raises:
            ApiError: the request is rejected.
        """
        given = checked("StartSyncExecution", parameters)
        return self._start(self.machines.startable_at_once(caller, given["stateMachineArn"]), given)

    def sync_answer(self, execution: Execution, given: Parameters) -> Answer:
        """Return the response to a StartSyncExecution request whose execution has ended."""
        origin = self.executions.origin(execution)
        return views.sync_view(execution, origin, given["stateMachineArn"], with_data=_with_data(given))

    def express_view(self, arn: str) -> JsonObject | None:
        """Return an Express execution in the combined format of DescribeExecution and GetExecutionHistory, or
        None.
        """
        execution = self.executions.express(arn)
        return None if execution is None else self.view_of(execution)

    def view_of(self, execution: Execution) -> JsonObject:
        """Return an execution in the combined format of DescribeExecution and GetExecutionHistory."""
        origin = self.executions.origin(execution)
        events: list[Json] = [views.event_view(e, with_data=True) for e in execution.history.events]
        return {**views.execution_view(execution, origin, with_data=True), "events": events}

    def _start(self, target: Target, given: Parameters) -> Execution:
        payload = given.get("input")
        text = "{}" if payload is None else payload
        return self.executions.start(target, text, given.get("name"), given.get("traceHeader"))

    def _create_machine(self, caller: Caller, given: Parameters) -> Answer:
        made = self.machines.create(caller, given)
        made.busy = partial(self._is_busy, made)
        shown: Answer = {"stateMachineArn": made.arn, "creationDate": views.moment(made.created_at)}
        return shown | _published(made, given)

    def _is_busy(self, machine: StateMachine) -> bool:
        return bool(self.executions.running(machine))

    def _update_machine(self, caller: Caller, given: Parameters) -> Answer:
        updated = self.machines.update(caller, given)
        shown: Answer = {"updateDate": views.moment(updated.revision.updated_at)}
        if updated.revision.id is not None:
            shown["revisionId"] = updated.revision.id
        return shown | _published(updated, given)

    def _describe_machine(self, caller: Caller, given: Parameters) -> Answer:
        target = self.machines.target(caller, given["stateMachineArn"])
        return views.machine_view(target, with_data=_with_data(given))

    def _list_machines(self, caller: Caller, given: Parameters) -> Answer:
        return page(self.machines.of(caller), given, "stateMachines", views.machine_entry)

    def _delete_machine(self, caller: Caller, given: Parameters) -> Answer:
        deleted = self.machines.delete(caller, given["stateMachineArn"])
        if deleted is not None:
            for execution in self.executions.running(deleted):
                self._simulation.stop_at_transition(execution)
        return {}

    def _validate_definition(self, _: Caller, given: Parameters) -> Answer:
        try:
            parse(given["definition"], self._integrations, express=given.get("type") == "EXPRESS")
        except InvalidDefinition as invalid:
            most = given.get("maxResults") or 100
            diagnostics: list[Json] = [views.diagnostic(problem) for problem in invalid.problems]
            return {
                "result": "FAIL",
                "diagnostics": diagnostics[:most],
                "truncated": len(diagnostics) > most,
            }
        return {"result": "OK", "diagnostics": [], "truncated": False}

    def _start_execution(self, caller: Caller, given: Parameters) -> Answer:
        started = self.start(caller, given)
        return {"executionArn": started.arn, "startDate": views.moment(started.started_at)}

    def _stop_execution(self, caller: Caller, given: Parameters) -> Answer:
        execution = self.executions.find(caller, given["executionArn"])
        self._simulation.stop(execution, given.get("error"), given.get("cause"))
        ended_at = self._now() if execution.ended_at is None else execution.ended_at
        return {"stopDate": views.moment(ended_at)}

    def _describe_execution(self, caller: Caller, given: Parameters) -> Answer:
        execution = self.executions.find(caller, given["executionArn"])
        origin = self.executions.origin(execution)
        return views.execution_view(execution, origin, with_data=_with_data(given))

    def _list_executions(self, caller: Caller, given: Parameters) -> Answer:
        arn = given.get("stateMachineArn")
        if not arn and not given.get("mapRunArn"):
            raise ApiError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN")
        status = given.get("statusFilter")
        if not arn:
            items = self.executions.of_map_run(caller, given["mapRunArn"], status)
            return page(items, given, "executions", self._execution_entry)
        if given.get("mapRunArn") or given.get("redriveFilter"):
            other = "mapRunArn" if given.get("mapRunArn") else "redriveFilter"
            raise ApiError("ValidationException", f"{other} cannot be given with stateMachineArn")
        target = self.machines.target(caller, arn)
        if target.machine.express:
            raise unsupported_type()
        found = self.executions.of(target, status)
        return page(found, given, "executions", self._execution_entry)

    def _execution_entry(self, execution: Execution) -> JsonObject:
        return views.execution_entry(execution, self.executions.origin(execution))

    def _describe_machine_of_execution(self, caller: Caller, given: Parameters) -> Answer:
        execution = self.executions.find(caller, given["executionArn"])
        revision = self.executions.origin(execution).revision
        return views.machine_of_execution(execution, revision, with_data=_with_data(given))

    def _get_history(self, caller: Caller, given: Parameters) -> Answer:
        events = self.executions.find(caller, given["executionArn"]).history.events
        ordered = events[::-1] if given.get("reverseOrder") else events
        show = partial(views.event_view, with_data=given.get("includeExecutionData") is not False)
        return page(ordered, given, "events", show)

    def _succeed_task(self, _: Caller, given: Parameters) -> Answer:
        self._answers.succeed(given)
        return {}

    def _fail_task(self, _: Caller, given: Parameters) -> Answer:
        self._answers.fail(given)
        return {}

    def _keep_task_alive(self, _: Caller, given: Parameters) -> Answer:
        self._answers.keep_alive(given)
        return {}

    def _create_activity(self, caller: Caller, given: Parameters) -> Answer:
        made = self.activities.create(caller, given)
        return {"activityArn": made.arn, "creationDate": views.moment(made.created_at)}

    def _delete_activity(self, caller: Caller, given: Parameters) -> Answer:
        self.activities.delete(caller, given["activityArn"])
        return {}

    def _describe_activity(self, caller: Caller, given: Parameters) -> Answer:
        return views.activity_view(self.activities.find(caller, given["activityArn"]))

    def _list_activities(self, caller: Caller, given: Parameters) -> Answer:
        return page(self.activities.of(caller), given, "activities", views.activity_entry)

    def _get_activity_task(self, caller: Caller, given: Parameters) -> Answer:
        return self.activities.take(caller, given)

    def _tagged(self, caller: Caller, arn: str) -> StateMachine | Activity:
        check_kind(arn, "stateMachine", "activity")
        owner = self.activities if ":activity:" in arn else self.machines
        return owner.tagged(caller, arn)

    def _tag(self, caller: Caller, given: Parameters) -> Answer:
        found = self._tagged(caller, given["resourceArn"])
        tags = found.tags | read_tags(given["tags"])
        check_tag_count(tags)
        found.tags = tags
        return {}

    def _untag(self, caller: Caller, given: Parameters) -> Answer:
        found = self._tagged(caller, given["resourceArn"])
        found.tags = {key: value for key, value in found.tags.items() if key not in given["tagKeys"]}
        return {}

    def _list_tags(self, caller: Caller, given: Parameters) -> Answer:
        found = self._tagged(caller, given["resourceArn"])
        return {"tags": [{"key": key, "value": value} for key, value in found.tags.items()]}

    def _publish(self, caller: Caller, given: Parameters) -> Answer:
        return views.version_entry(self.versions.publish(caller, given))

    def _list_versions(self, caller: Caller, given: Parameters) -> Answer:
        return page(self.versions.of(caller, given), given, "stateMachineVersions", views.version_entry)

    def _delete_version(self, caller: Caller, given: Parameters) -> Answer:
        self.versions.delete(caller, given)
        return {}

    def _create_alias(self, caller: Caller, given: Parameters) -> Answer:
        return views.alias_entry(self.versions.create_alias(caller, given))

    def _update_alias(self, caller: Caller, given: Parameters) -> Answer:
        return {"updateDate": views.moment(self.versions.update_alias(caller, given).updated_at)}

    def _describe_alias(self, caller: Caller, given: Parameters) -> Answer:
        return views.alias_view(self.versions.alias(caller, given["stateMachineAliasArn"]))

    def _list_aliases(self, caller: Caller, given: Parameters) -> Answer:
        found = self.versions.aliases(caller, given["stateMachineArn"])
        return page(found, given, "stateMachineAliases", views.alias_entry)

    def _delete_alias(self, caller: Caller, given: Parameters) -> Answer:
        self.versions.delete_alias(caller, given)
        return {}


def _with_data(given: Parameters) -> bool:
    return given.get("includedData") != "METADATA_ONLY"


def _published(machine: StateMachine, given: Parameters) -> Answer:
    version = machine.published() if given.get("publish") else None
    return {} if version is None else {"stateMachineVersionArn": version.arn}


_OPERATIONS: Final[Mapping[str, Callable[[StepFunctions, Caller, Parameters], Answer]]] = {
    "CreateStateMachine": StepFunctions._create_machine,
    "UpdateStateMachine": StepFunctions._update_machine,
    "DescribeStateMachine": StepFunctions._describe_machine,
    "DescribeStateMachineForExecution": StepFunctions._describe_machine_of_execution,
    "ListStateMachines": StepFunctions._list_machines,
    "DeleteStateMachine": StepFunctions._delete_machine,
    "ValidateStateMachineDefinition": StepFunctions._validate_definition,
    "StartExecution": StepFunctions._start_execution,
    "StopExecution": StepFunctions._stop_execution,
    "DescribeExecution": StepFunctions._describe_execution,
    "ListExecutions": StepFunctions._list_executions,
    "GetExecutionHistory": StepFunctions._get_history,
    "SendTaskSuccess": StepFunctions._succeed_task,
    "SendTaskFailure": StepFunctions._fail_task,
    "SendTaskHeartbeat": StepFunctions._keep_task_alive,
    "CreateActivity": StepFunctions._create_activity,
    "DeleteActivity": StepFunctions._delete_activity,
    "DescribeActivity": StepFunctions._describe_activity,
    "ListActivities": StepFunctions._list_activities,
    "GetActivityTask": StepFunctions._get_activity_task,
    "TagResource": StepFunctions._tag,
    "UntagResource": StepFunctions._untag,
    "ListTagsForResource": StepFunctions._list_tags,
    "PublishStateMachineVersion": StepFunctions._publish,
    "ListStateMachineVersions": StepFunctions._list_versions,
    "DeleteStateMachineVersion": StepFunctions._delete_version,
    "CreateStateMachineAlias": StepFunctions._create_alias,
    "UpdateStateMachineAlias": StepFunctions._update_alias,
    "DescribeStateMachineAlias": StepFunctions._describe_alias,
    "ListStateMachineAliases": StepFunctions._list_aliases,
    "DeleteStateMachineAlias": StepFunctions._delete_alias,
}
