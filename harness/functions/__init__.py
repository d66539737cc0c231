"""Run deployed Python Lambda functions as local processes, without an emulator. Start at `host.runtime`.

Each folder is a process. Its code runs only in that process:

    host        the Lambda service: takes invocations and decides which faults can fire in them
    supervisor  one process per host: starts environments, passes invocations to them, watches them
    sandbox     one process per environment: runs the function's code, records and changes its AWS calls
    faults      the kinds of faults, and the rules for firing them; all processes and scenario files use them
    shared      values and messages that pass between the processes

Imports go down this list only, and never from `host` to `supervisor` or `sandbox`. These processes start each
other by module name and communicate over sockets.
"""
