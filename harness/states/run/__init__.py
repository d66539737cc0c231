"""Execution of a tree. A `Simulation` starts executions, and a `Flow` moves each one from state to state."""
