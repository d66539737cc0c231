"""AWS limits that emulators do not enforce, checked against an observation.

`table` contains each limit with its source. The other modules measure usage, and `check` combines them.
All functions are pure. They read an Observation, so they work with every engine, as far as it reports the
data. A limit that the engine enforces itself does not cause a finding.
"""
