"""Runs deployed Python Lambda functions as local processes; knows no emulator. Start at `host.runtime`.

A folder is a process, and a line in it runs there and nowhere else:

    host        whoever plays the Lambda service: takes invocations, decides which faults they may meet
    supervisor  one process per host: starts environments, hands invocations to them, watches them
    sandbox     one process per environment: runs the function's code, records and changes its AWS calls
    faults      the kinds of faults, and which ones happen when; read in all of these and by scenario files
    shared      values and messages that pass between them

An import goes down this list only, and never from `host` to `supervisor` or `sandbox`: they start each other
by name, and talk over sockets.
"""
