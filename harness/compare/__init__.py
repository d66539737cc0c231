"""Runs the same scenarios on several engines, and finds where the results differ.

`normalized` keeps of a result what has to be the same everywhere, `differences` compares these, `known` reads
the file of differences that are explained, `run` does it for scenarios and engines, `show` prints it.
"""
