"""Scenario files: parse YAML into a typed `Scenario`, and report all problems in a file together.

The steps for a file: `discover` finds it, `syntax` parses it into plain data and positions, `model` defines
the data types, `rules` checks its parts against each other and against AWS's names, and `wording` turns
errors into messages for the user. `load` runs all steps. Code in this package never calls AWS.
"""
