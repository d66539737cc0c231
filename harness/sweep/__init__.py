"""Injects one failure at every point of a scenario, one after another, and shows the effect on the workflow.

    points      the run without faults -> every call, task and invocation in it
    variants    a point -> the faults that apply to it, each once and permanently
    play        a trial (a point, a fault) -> a run of the scenario with the fault
    invariants  conditions that hold in every trial, with any failure; a project adds its own
    show        the table, the violations with the `faults:` block that reproduces each, JSON
    updates     deployments instead of failures: the stack from another commit, updated at every event

The points, their order and their outcomes are the same every time. Calls are counted in the lane of one state
(see `harness.functions.faults.registry`), and time is virtual.
"""
