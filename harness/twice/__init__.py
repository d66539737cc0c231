"""Plays scenarios two times and names the first difference: what a function does by chance or by the clock.

`difference` finds it in two observations, `chance` the places in a function's code that may be the reason.
"""
