"""Proves AWS Step Functions workflows from scenario files."""
