"""The same scenarios on several engines, and where what they leave behind differs.

`picture` takes out of a result what has to be the same everywhere, `differences` compares pictures, `known`
reads the file of differences that are explained, `run` does it for scenarios and engines, `show` prints it.
"""
