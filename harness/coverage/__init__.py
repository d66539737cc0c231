"""Coverage of state machines: the parts of a definition that scenario runs reached."""
