"""Replays recorded executions: runs the current definition with the results that were recorded on AWS."""
