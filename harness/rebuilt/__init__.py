"""Recorded executions in a rebuilt world: their functions and tables are there, and do their work again.

The way: `world` makes a scenario of a history as `harness import` would, in memory; `playing` plays it on an
engine; `names` finds what has other names here than on AWS; `judging` compares the histories; `answers` says
of a difference what the function was asked, and what it logged.
"""
