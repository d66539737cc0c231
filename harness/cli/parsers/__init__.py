"""Parsers of the commands, each a function that adds one."""
