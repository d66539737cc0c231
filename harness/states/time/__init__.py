"""A clock and everything that uses it: fibers, timers, and external work that takes virtual time.

The module `scheduler` describes the design. The package does not depend on states.
"""
