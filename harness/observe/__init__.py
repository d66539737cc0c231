"""Reads the results of a scenario: `read.observe` returns one `model.Observation`."""
