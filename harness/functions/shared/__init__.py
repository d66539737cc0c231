"""Values and messages that pass between the processes. Imports nothing from the other folders."""
