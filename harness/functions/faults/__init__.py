"""Failures that are made to happen: which, and when. `book` decides; each kind has a file of its own.

What a kind does happens in the function's process, so nothing here needs more than botocore; what it means in
a scenario file is in `harness.scenario.faults`, and what a task of a state machine makes of it in
`harness.stepfunctions`.
"""
