"""Replays recorded executions in a rebuilt environment with real functions and tables.

The steps: `world` builds a scenario from a history as `harness import` does, but in memory. `playing` runs it
on an engine. `names` maps names in the harness to names on AWS. `judging` compares the histories. `answers`
adds a function's input and log to a difference.
"""
