"""An environment's process, in which the function's code runs. `bootstrap` is its main module.

Nothing in this folder may import a module of ours late: when the function's code is loaded, ours are gone
from `sys.modules` and from the path.
"""
