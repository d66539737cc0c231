"""One failure at every point of a scenario, one after another, and what became of the workflow each time.

    points      the run without faults -> every call, task and invocation in it
    variants    a point -> the faults that fit it, each once and for ever
    play        a trial (a point, a fault) -> the scenario played with it
    invariants  what must hold in every trial, whatever fails; a project adds its own
    show        the table, the violations with the `faults:` block that reproduces each, JSON
    updates     deployments instead of failures: the stack of another commit, updated at every event

The same points, in the same order, with the same outcomes every time: what is counted is counted in the lane
of one state (see `harness.functions.faults.registry`), and time is virtual.
"""
