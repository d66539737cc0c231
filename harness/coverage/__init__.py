"""Coverage of state machines: what of a definition the runs of scenarios reached."""
