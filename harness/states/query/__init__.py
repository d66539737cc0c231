"""Expressions of both query languages, compiled once and evaluated in a `Scope`. It does not use states."""
