"""Makes a scenario of the histories of executions, in which nothing of a company is left.

The way: `belonging` tells which executions others started; `choosing` takes the definition from the project,
or from what AWS told, `remaking` makes it of a history (see `reconstructing`), and `together` puts a machine
and those that it starts together. `reads` finds what a definition decides by; `hiding` replaces names, data;
`attempts`, `tasks` make stand-ins and answers of what came of tasks; `rebuilding` asks the project's own file
for the seed, with the executions as `recorded` shows them; `scenario` puts all together.
"""

from .scenario import Imported, Options, imported

__all__ = ["Imported", "Options", "imported"]
