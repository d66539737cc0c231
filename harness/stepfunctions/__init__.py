"""Step Functions as AWS serves it: the API on top of the interpreter, without an emulator.

The way of a request: `protocol` reads it, `parameters` checks what AWS's API model demands, `api` finds the
operation, `machines` and `executions` hold the rules, `views` shows the result. The way of a task:
`tasks.Tasks` is the interpreter's port; it hands functions to whoever plays Lambda (`functions`) and service
calls to an endpoint (`services`). `runner` runs the simulation in a thread of its own and says when time
passes.
"""
