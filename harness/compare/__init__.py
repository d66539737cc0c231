"""Runs the same scenarios on several engines, and finds differences between the results.

`normalized` reduces a result to the parts that must be the same everywhere. `differences` compares them.
`known` reads the file with explained differences. `run` does this for scenarios and engines, and `show`
prints the result.
"""
