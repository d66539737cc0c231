"""AWS's limits that emulators let through: whether what was observed is within them.

`table` has each limit with its source, the other modules find out how much of it was taken, and `check` puts
it together. Pure: it looks at an Observation, so it works on every engine, as far as that engine tells. Where
the engine has enforced a limit itself there is nothing left to find.
"""
