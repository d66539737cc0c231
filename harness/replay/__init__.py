"""Recorded executions are played again: what AWS answered then, with the definition of now."""
