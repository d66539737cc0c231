"""Step Functions as a service: AWS's API on top of the interpreter, without an emulator.

A request takes this path: `protocol` reads it, `parameters` checks it against AWS's API model, and `api`
finds the operation. `machines` and `executions` implement the rules, and `views` formats the result.

For tasks, `tasks.Tasks` implements the interpreter's port. It passes function invocations to the function
runner (`functions`), and service calls to an endpoint (`services`). `runner` runs the simulation in a
separate thread and decides when time passes.
"""
