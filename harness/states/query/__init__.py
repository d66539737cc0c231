"""Expressions of both query languages, compiled once and evaluated in a `Scope`. Knows no states."""
