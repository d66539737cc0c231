"""An environment's process, which runs the function's code. `bootstrap` is its main module.

Modules in this folder must import our modules early. By the time the function's code is loaded, our modules
have been removed from `sys.modules` and from the path.
"""
