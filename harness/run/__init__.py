"""Starts executions of the deployed state machine and waits for their ends: `execute.run`."""
