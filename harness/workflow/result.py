"""The result of a run or a scenario, for code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from harness.errors import HarnessError
from harness.hidden import without_secrets
from harness.observe.model import parsed

if TYPE_CHECKING:
    from harness.expect.model import Mismatch
    from harness.functions.shared.model import Invocation
    from harness.json_types import Json
    from harness.observe.model import Execution, Message, Observation, SeenCall, TableItem
    from harness.report.model import Outcome
    from harness.report.model import Result as Judged


class Result:
    """The result of a run or a scenario: its output and its mismatches.

        result = workflow.run({"order": 1})
        assert result.status == "SUCCEEDED"
        assert result.output == {"order": 1, "paid": True}
        result.check()

    `mismatches` contains the differences from a scenario's expectations, and everything that AWS would have
    rejected, such as calls without a permission. If a scenario has several runs, `execution` and the
    properties read from it belong to the last run. `executions` maps the name of each run to its
    execution.
    """

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._was_read = False

    def __repr__(self) -> str:
        return f"<Result of {self.title!r}: {self.outcome}>"

    @property
    def title(self) -> str:
        """The title of the scenario, or the name of the run."""
        return self._judged.scenario.title

    @property
    def outcome(self) -> Outcome:
        """`passed`, `failed` (see `mismatches`), `skipped` (not supported by the engine) or `error`.

        It is `error` if a run did not end in time, or could not be evaluated. `explanation` gives the
        reason.
        """
        return self._judged.outcome

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """All mismatches, each with `expectation`, `where` (path, line), `summary`, `expected` and `seen`.

        Reading them counts as checking them: a test that reads them does not fail because of them when it
        ends.
        """
        self._was_read = True
        return self._judged.mismatches

    @property
    def explanation(self) -> str:
        """The explanation that `harness run` prints, or "" if the result is `passed`."""
        if self.outcome == "passed":
            return ""
        if self.outcome == "skipped":
            return self._judged.reason
        from harness.report.failure import failure_text  # noqa: PLC0415  (failures only)

        return without_secrets(failure_text(self._judged))

    def check(self) -> Self:
        """Return the result itself.

        Raises:
            AssertionError: the result is not `passed`. The message is the explanation.
        """
        if self.outcome != "passed":
            raise AssertionError(self.explanation)
        return self

    @property
    def observation(self) -> Observation:
        """The final state, in the format that a project's expectations receive.

        Raises:
            HarnessError: there is no final state, because the run was skipped or did not end.
        """
        if self._judged.observation is None:
            raise HarnessError(f"{self.title}: nothing was observed: {self._judged.reason}")
        return self._judged.observation

    @property
    def executions(self) -> dict[str, Execution]:
        """The execution of each run, by run name."""
        return {run.name: run.execution for run in self.observation.runs}

    @property
    def execution(self) -> Execution:
        """The execution with its history (`events`), `path`, `started_at` and `stopped_at`."""
        return self.observation.runs[-1].execution

    @property
    def status(self) -> str:
        """The execution's status, such as `SUCCEEDED`."""
        return self.execution.status

    @property
    def output(self) -> Json:
        """The execution's output, parsed from JSON, or None."""
        return parsed(self.execution.output)

    @property
    def error(self) -> str | None:
        """The error that made the execution fail."""
        return self.execution.error

    @property
    def cause(self) -> str | None:
        """The cause of that error."""
        return self.execution.cause

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the entered states, in order."""
        return self.execution.path

    @property
    def messages(self) -> tuple[Message, ...]:
        """The notifications from SNS topics, each with `topic`, `subject` and `body`."""
        return self.observation.messages

    @property
    def calls(self) -> tuple[SeenCall, ...]:
        """All AWS calls from functions and state machines, in chronological order."""
        return self.observation.calls

    @property
    def invocations(self) -> tuple[Invocation, ...]:
        """All function invocations, in the order in which they began."""
        return self.observation.invocations

    def items(self, table: str) -> list[TableItem]:
        """Return a table's items as a list, sorted by key.

        Args:
            table: its name in the template.

        Raises:
            HarnessError: the table does not exist.
        """
        tables = self.observation.tables
        if table not in tables:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (mistakes only)

            raise HarnessError(f"table {table!r} not found; {nearest(table, sorted(tables), 'tables')}")
        return list(tables[table])


def unread(results: Sequence[Result]) -> Result | None:
    """Return the last result with unread mismatches. Reading them on an equal result also counts."""
    known = {mismatch for each in results if each._was_read for mismatch in each._judged.mismatches}
    left = [each for each in results if not each._was_read and set(each._judged.mismatches) - known]
    return left[-1] if left else None
