"""Scenario files: YAML in, a typed `Scenario` out, and every problem of a file at once.

The way of a file: `discover` finds it, `syntax` reads it to plain data and positions, `model` gives the
data types, `rules` compares its parts with each other and with the names that AWS has, `wording` says what is
wrong in the user's words. `load` does all of that. Nothing in this package makes a call.
"""
