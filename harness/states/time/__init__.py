"""One clock and its users: fibers, timers, and external real work that takes virtual time.

`scheduler` describes the design. The package does not use states.
"""
