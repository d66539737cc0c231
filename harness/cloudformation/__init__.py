"""CloudFormation's template language. Reads, checks and evaluates templates without AWS and without an
engine.
"""
