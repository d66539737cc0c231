"""Reads all results of a scenario."""

from __future__ import annotations

from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.execute import Started
from harness.observe.access import Access
from harness.observe.calls import calls
from harness.observe.executions import runs
from harness.observe.failed_items import failed_items
from harness.observe.inbox import Inbox
from harness.observe.model import ANSWERS, Observation
from harness.observe.tables import table_keys, tables, tables_of
from harness.scenario.model import Scenario
from harness.stack.model import STATE_MACHINE, Stack


def observe(
    engine: Engine,
    clients: Clients,
    stack: Stack,
    inbox: Inbox,
    started: tuple[Started, ...],
    access: Access,
    scenario: Scenario | None = None,
) -> Observation:
    """Return everything that the expectations may need, as one value.

    The tables include those that the scenario creates outside the stack.
    """
    seen, invocations = runs(engine, clients, started), engine.invocations()
    functions = {name: logical for logical, name in stack.of_type("AWS::Lambda::Function").items()}
    names = tables_of(stack, scenario)
    keys = table_keys(clients, names.values())
    declared = set(stack.of_type(STATE_MACHINE).values())
    pages = clients.stepfunctions.get_paginator("list_state_machines").paginate()
    machines = [m for page in pages for m in page["stateMachines"]]
    made = calls(seen, invocations, functions)
    real = scenario is not None and scenario.clock == "real"
    return Observation(
        runs=seen,
        tables=tables(clients, names, keys),
        messages=inbox.messages(
            (e for run in seen for e in run.executions),
            waits=Capability.VIRTUAL_CLOCK not in engine.capabilities,
        ),
        machines_left=tuple(sorted(m["name"] for m in machines if m["stateMachineArn"] not in declared)),
        invocations=invocations,
        functions=functions,
        calls=made,
        table_keys=keys,
        access=access,
        account_id=clients.endpoint.account_id,
        region=clients.endpoint.region,
        fired=engine.fired(),
        durations_matched=engine.durations_matched(),
        answered=engine.answered(),
        stand_ins_used=engine.stand_ins_used(),
        requests=engine.requests(),
        hosts_used=engine.hosts_used(),
        failed_items=failed_items(clients, seen),
        virtual_time=Capability.VIRTUAL_CLOCK in engine.capabilities and not real,
        task_tokens=engine.task_tokens() if any(call.operation in ANSWERS for call in made) else {},
    )
