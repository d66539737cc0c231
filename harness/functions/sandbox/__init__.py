"""An environment's process, which runs the function's code. `bootstrap` is its main module.

Modules in this folder must not import our modules late. When the function's code is loaded, our modules are
no longer in `sys.modules` or on the path.
"""
