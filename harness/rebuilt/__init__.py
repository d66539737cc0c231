"""Replays recorded executions in a rebuilt environment, in which their functions and tables really run.

The steps: `world` builds a scenario from a history like `harness import`, in memory. `playing` runs it on an
engine. `names` maps the names in the harness to the names on AWS. `judging` compares the histories. `answers`
adds a function's input and log to a difference.
"""
