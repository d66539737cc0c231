"""AWS's quotas that the interpreter enforces."""

from __future__ import annotations

from dataclasses import dataclass

from harness import quotas


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers from https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, except the last.

    Attributes:
        payload_bytes: input or output of a state, task or execution, in UTF-8.
        execution_s: maximum duration of an execution, in seconds.
        express_s: maximum duration of an Express execution, which has no limit on events.
        history_events: events of one execution.
        inline_concurrency: iterations of an inline Map at once.
        distributed_concurrency: child executions of a distributed Map at once.
        stall_steps: steps without time passing after which a run counts as a livelock; the harness's limit.
    """

    payload_bytes: int = quotas.STATES_PAYLOAD_BYTES
    execution_s: int = quotas.STATES_EXECUTION_S
    express_s: int = quotas.STATES_EXPRESS_S
    history_events: int = quotas.STATES_HISTORY_EVENTS
    inline_concurrency: int = 40
    distributed_concurrency: int = 10_000
    stall_steps: int = 1_000_000
