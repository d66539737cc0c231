"""Injects one failure at a time at every point in a scenario, and shows the effects on the workflow.

    points      finds every call, task and invocation in the run without faults
    variants    a point -> the faults that apply to it, each once and permanently
    play        a trial (a point, a fault) -> a run of the scenario with the fault
    invariants  conditions that hold in every trial, with any failure; a project adds its own
    show        the table, the violations with the `faults:` block that reproduces each, JSON
    updates     deployments instead of failures: the stack from another commit, updated at every event

The points, their order and their outcomes are the same every time. Calls are counted separately in each lane
(see `harness.functions.faults.registry`), and time is virtual.
"""
