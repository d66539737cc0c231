"""An environment's process, which runs the function's code. `bootstrap` is its main module.

Modules in this folder must import the harness's modules early, because the harness is removed from
`sys.modules` and from the path before the function's code is loaded.
"""
