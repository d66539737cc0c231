"""One clock and everything that uses it: fibers, timers, and external real work that takes virtual time.

`scheduler` describes the design. The package does not use states.
"""
