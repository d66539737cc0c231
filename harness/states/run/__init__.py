"""Execution of a tree. A `Simulation` starts executions, and a `Flow` takes each from state to state."""
