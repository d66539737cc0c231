"""Executions of a tree: a `Simulation` starts them, a `Flow` takes each from state to state."""
