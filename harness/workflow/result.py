"""The end of a run, or of a scenario, for code."""

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
    """The end of a run, or of a scenario: what came out, and what is wrong with it.

        result = workflow.run({"order": 1})
        assert result.status == "SUCCEEDED"
        assert result.output == {"order": 1, "paid": True}
        result.check()

    `mismatches` are the differences from what a scenario expects, and everything that AWS would have
    refused, such as calls without a permission. Of a scenario with several runs `execution`, and all that is
    read from it, is the last one; `executions` has each by the name of its run.
    """

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._was_read = False

    def __repr__(self) -> str:
        return f"<Result of {self.title!r}: {self.outcome}>"

    @property
    def title(self) -> str:
        """The title of the scenario; of a run the name that it has."""
        return self._judged.scenario.title

    @property
    def outcome(self) -> Outcome:
        """`passed`, `failed` (see `mismatches`), `skipped` (the engine cannot play it) or `error`.

        It is an error when a run did not end in time, or could not be judged; `explanation` says why.
        """
        return self._judged.outcome

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """All that is wrong, each with `expectation`, `where` (path, line), `summary`, `expected` and `seen`.

        A test that reads them has judged them: it does not fail because of them at its end.
        """
        self._was_read = True
        return self._judged.mismatches

    @property
    def explanation(self) -> str:
        """The explanation that `harness run` prints; "" when it passed."""
        if self.outcome == "passed":
            return ""
        if self.outcome == "skipped":
            return self._judged.reason
        from harness.report.failure import failure_text  # noqa: PLC0415  (failures only)

        return without_secrets(failure_text(self._judged))

    def check(self) -> Self:
        """Return the result itself.

        Raises:
            AssertionError: it has not passed. Its text is the explanation.
        """
        if self.outcome != "passed":
            raise AssertionError(self.explanation)
        return self

    @property
    def observation(self) -> Observation:
        """All that was left behind, as expectations of projects get it.

        Raises:
            HarnessError: nothing was, as it was skipped or came to no end.
        """
        if self._judged.observation is None:
            raise HarnessError(f"{self.title}: nothing was observed: {self._judged.reason}")
        return self._judged.observation

    @property
    def executions(self) -> dict[str, Execution]:
        """The execution of each run, by the name of the run."""
        return {run.name: run.execution for run in self.observation.runs}

    @property
    def execution(self) -> Execution:
        """The execution with its history (`events`), `path`, `started_at` and `stopped_at`."""
        return self.observation.runs[-1].execution

    @property
    def status(self) -> str:
        """The status of the execution, such as `SUCCEEDED`."""
        return self.execution.status

    @property
    def output(self) -> Json:
        """The output of the execution, read from its JSON; None where it has none."""
        return parsed(self.execution.output)

    @property
    def error(self) -> str | None:
        """The error with which the execution failed."""
        return self.execution.error

    @property
    def cause(self) -> str | None:
        """The cause of that error."""
        return self.execution.cause

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the states in the order in which they were entered."""
        return self.execution.path

    @property
    def messages(self) -> tuple[Message, ...]:
        """The notifications of SNS topics, each with `topic`, `subject` and `body`."""
        return self.observation.messages

    @property
    def calls(self) -> tuple[SeenCall, ...]:
        """Every AWS call of functions and state machines, in the order of time."""
        return self.observation.calls

    @property
    def invocations(self) -> tuple[Invocation, ...]:
        """Every invocation of a function, in the order in which they began."""
        return self.observation.invocations

    def items(self, table: str) -> Sequence[TableItem]:
        """The items of a table, sorted by their keys.

        Args:
            table: its name in the template.

        Raises:
            HarnessError: there is no such table.
        """
        tables = self.observation.tables
        if table not in tables:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (mistakes only)

            raise HarnessError(f"there is no table {table!r}; {nearest(table, sorted(tables), 'tables')}")
        return tables[table]


def unread(results: Sequence[Result]) -> Result | None:
    """The last result with mismatches that nobody has read, of it or of another one that has the same."""
    known = {mismatch for each in results if each._was_read for mismatch in each._judged.mismatches}
    left = [each for each in results if not each._was_read and set(each._judged.mismatches) - known]
    return left[-1] if left else None
