"""Runs scenarios twice and reports the first difference, which shows a dependency on chance or the real
clock.

`difference` finds it in two observations. `chance` finds possible reasons in the code of a function.
"""
