"""Replay recorded executions: run the current definition with AWS's recorded results."""
