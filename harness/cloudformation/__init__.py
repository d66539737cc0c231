"""Reads, checks and evaluates CloudFormation templates without AWS and without an engine."""
