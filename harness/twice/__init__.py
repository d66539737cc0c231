"""Runs scenarios twice and reports the first difference, which reveals a dependency on chance or real time.

`difference` finds it in two observations. `chance` finds possible causes in a function's code.
"""
