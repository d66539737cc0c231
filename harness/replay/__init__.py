"""Replay recorded executions: AWS's recorded results, with the current definition."""
