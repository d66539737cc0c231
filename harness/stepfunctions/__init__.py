"""Step Functions as a service: AWS's API on top of the interpreter, without an emulator.

The path of a request: `protocol` reads it, `parameters` checks it against AWS's API model, and `api` finds
the operation. `machines` and `executions` hold the rules, and `views` formats the result. The path of a
task: `tasks.Tasks` is the interpreter's port. It passes function calls to the runner of functions
(`functions`), and service calls to an endpoint (`services`). `runner` runs the simulation in a separate
thread and decides when time passes.
"""
