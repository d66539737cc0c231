"""Makes a scenario of the histories of executions, in which nothing of a company is left.

The way: `reads` finds what the definition decides by; `hiding` replaces names and data; `attempts`, `tasks`
make stand-ins and answers of what came of tasks; `scenario` puts them together; `files` writes them.
"""

from .scenario import Imported, Options, imported

__all__ = ["Imported", "Options", "imported"]
