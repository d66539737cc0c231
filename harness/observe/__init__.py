"""Reads back what a scenario left behind: `read.observe` gives one `model.Observation`."""
