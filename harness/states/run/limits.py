"""AWS's quotas that the interpreter enforces."""

from __future__ import annotations

from dataclasses import dataclass

from harness import quotas


@dataclass(frozen=True, slots=True)
class Limits:
    """AWS's quotas, and the harness's `stall_steps`.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html.

    Attributes:
        payload_bytes: maximum UTF-8 size of the input or output of a state, task or execution.
        execution_s: maximum duration of an execution, in seconds.
        express_s: maximum duration of an Express execution, in seconds. Express executions have no event
            limit.
        history_events: maximum number of events in one execution.
        inline_concurrency: maximum number of concurrent iterations in an inline Map.
        distributed_concurrency: maximum number of concurrent child executions in a distributed Map.
        stall_steps: number of steps without time passing after which a livelock is reported. A harness limit,
            not an AWS quota.
    """

    payload_bytes: int = quotas.STATES_PAYLOAD_BYTES
    execution_s: int = quotas.STATES_EXECUTION_S
    express_s: int = quotas.STATES_EXPRESS_S
    history_events: int = quotas.STATES_HISTORY_EVENTS
    inline_concurrency: int = 40
    distributed_concurrency: int = 10_000
    stall_steps: int = 1_000_000
