"""Values and messages that pass between the processes. Imports nothing of the other folders."""
