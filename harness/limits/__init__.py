"""AWS limits that emulators do not enforce, checked against an observation.

`table` has each limit with its source. The other modules measure the used amounts, and `check` combines them.
All functions are pure: they read an Observation, so they work on every engine, to the extent that it reports.
A limit that the engine enforces itself gives no finding.
"""
