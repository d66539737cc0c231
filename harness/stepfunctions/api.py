"""The operations of the API, by name: parameters in, result out.

    api = StepFunctions(simulation)
    api.call("ListStateMachines", Caller("123456789012", "us-east-1"), {})

Every operation sees the simulation while that stands still, and acts at that virtual moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from harness.json_types import Json, JsonObject
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states import Completion, Execution, InvalidDefinition, Simulation, Work, parse
from harness.states.parse.integrations import Integrations
from harness.states.payload import read_json, utf8_length
from harness.states.randomness import Randomness
from harness.stepfunctions import views
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.executions import Executions
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.machines import Machines, StateMachine, check_tag_count, read_tags
from harness.stepfunctions.paging import page
from harness.stepfunctions.parameters import Parameters, checked

Answer: TypeAlias = JsonObject


class StepFunctions:
    """The API on one simulation.

    Args:
        visible_after_s: on AWS a machine or execution that was made just now may not be found yet; for how
            long that is so here, on the clock.
        integrations: what the Resource of a Task may name; all that AWS has when it is not given.
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        visible_after_s: float = 0.0,
        integrations: Integrations | None = None,
    ) -> None:
        self._simulation = simulation
        self._integrations = integrations or Catalog()
        self._now = simulation.clock.now
        self.machines = Machines(self._now, Randomness("revisions").uuid, visible_after_s, self._integrations)
        self.executions = Executions(simulation, visible_after_s)
        self._tokens: dict[str, str] = {}

    def call(
        self, operation: str, caller: Caller, parameters: Parameters, *, during: Work | None = None
    ) -> Answer:
        """Do an operation.

        Args:
            during: the task in whose code the call is made; it takes effect at that task's moment.

        Raises:
            ApiError: what AWS answers instead of a result.
        """
        method = _OPERATIONS.get(operation)
        if method is None:
            raise ApiError("UnknownOperationException", f"{operation} is not served here")
        given = checked(operation, parameters)
        with self._simulation.scheduler.frozen(during):
            return method(self, caller, given)

    def note_token(self, token: str, execution_arn: str) -> None:
        """Note that a task of this execution was given this token."""
        self._tokens[token] = execution_arn

    @property
    def task_tokens(self) -> Mapping[str, str]:
        """Every token that was given out, with the ARN of its execution."""
        return dict(self._tokens)

    def start(self, caller: Caller, given: Parameters) -> Execution:
        """Start an execution as StartExecution does.

        Raises:
            ApiError: the request is refused.
        """
        machine = self.machines.find_startable(caller, given["stateMachineArn"])
        payload = given.get("input")
        return self.executions.start(machine, "{}" if payload is None else payload, given.get("name"))

    def _create_machine(self, caller: Caller, given: Parameters) -> Answer:
        made = self.machines.create(caller, given)
        made.busy = partial(self._is_busy, made)
        return {"stateMachineArn": made.arn, "creationDate": views.moment(made.created_at)}

    def _is_busy(self, machine: StateMachine) -> bool:
        return bool(self.executions.running(machine))

    def _update_machine(self, caller: Caller, given: Parameters) -> Answer:
        updated = self.machines.update(caller, given)
        return {"updateDate": views.moment(updated.updated_at), "revisionId": updated.revision_id}

    def _describe_machine(self, caller: Caller, given: Parameters) -> Answer:
        return views.machine_view(self.machines.find(caller, given["stateMachineArn"]))

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
            parse(given["definition"], self._integrations)
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
        return views.execution_view(self.executions.find(caller, given["executionArn"]))

    def _list_executions(self, caller: Caller, given: Parameters) -> Answer:
        arn = given.get("stateMachineArn")
        if not arn:
            raise ApiError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN")
        found = self.executions.of(self.machines.find(caller, arn), given.get("statusFilter"))
        return page(found, given, "executions", views.execution_entry)

    def _describe_machine_of_execution(self, caller: Caller, given: Parameters) -> Answer:
        return views.machine_of_execution(self.executions.find(caller, given["executionArn"]))

    def _get_history(self, caller: Caller, given: Parameters) -> Answer:
        events = self.executions.find(caller, given["executionArn"]).history.events
        ordered = events[::-1] if given.get("reverseOrder") else events
        show = partial(views.event_view, with_data=given.get("includeExecutionData") is not False)
        return page(ordered, given, "events", show)

    def _succeed_task(self, _: Caller, given: Parameters) -> Answer:
        completion = self._completion(given["taskToken"])
        output = given["output"]
        if utf8_length(output) > STATES_PAYLOAD_BYTES:
            raise ApiError("InvalidOutput", f"Invalid Output: more than {STATES_PAYLOAD_BYTES} bytes")
        try:
            value = read_json(output)
        except ValueError as error:
            raise ApiError("InvalidOutput", f"Invalid Output: '{error}'") from None
        completion.succeed(value)
        return {}

    def _fail_task(self, _: Caller, given: Parameters) -> Answer:
        self._completion(given["taskToken"]).fail(given.get("error"), given.get("cause"))
        return {}

    def _keep_task_alive(self, _: Caller, given: Parameters) -> Answer:
        self._completion(given["taskToken"]).heartbeat()
        return {}

    def _completion(self, token: str) -> Completion:
        if token not in self._tokens:
            raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
        found = self._simulation.tokens.find(token)
        if found is None or found.over:
            raise ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return found

    def _tag(self, caller: Caller, given: Parameters) -> Answer:
        found = self.machines.tagged(caller, given["resourceArn"])
        tags = found.tags | read_tags(given["tags"])
        check_tag_count(tags)
        found.tags = tags
        return {}

    def _untag(self, caller: Caller, given: Parameters) -> Answer:
        found = self.machines.tagged(caller, given["resourceArn"])
        found.tags = {key: value for key, value in found.tags.items() if key not in given["tagKeys"]}
        return {}

    def _list_tags(self, caller: Caller, given: Parameters) -> Answer:
        found = self.machines.tagged(caller, given["resourceArn"])
        return {"tags": [{"key": key, "value": value} for key, value in found.tags.items()]}


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
    "TagResource": StepFunctions._tag,
    "UntagResource": StepFunctions._untag,
    "ListTagsForResource": StepFunctions._list_tags,
}
