"""One clock, and what runs on it: fibers, timers, and real work outside that takes virtual time.

`scheduler` says how that works. Knows nothing of states.
"""
