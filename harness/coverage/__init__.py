"""State machine coverage: the parts of a definition that scenario runs reached."""
