"""Generates a scenario from execution histories, without proprietary names and data.

The steps: `belonging` finds the executions that others started. `choosing` takes the definition from the
project, or from AWS data. `remaking` derives it from a history (see `reconstructing`). `together`
combines a machine with the machines that it starts. `reads` finds the values that a definition bases
decisions on. `hiding` replaces names and data. `attempts` and `tasks` derive stand-ins and answers from
task results. `rebuilding` calls the project's file for the seed, passing the executions in the format of
`recorded`. `scenario` combines everything.
"""

from .scenario import Imported, Options, imported

__all__ = ["Imported", "Options", "imported"]
