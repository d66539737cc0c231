"""Expressions in both query languages, compiled once and evaluated in a `Scope`. This package does not depend
on states.
"""
