"""Chooses scenarios as pytest chooses tests: by keywords, tags, what failed last, and shards."""

from .choice import Choice, NothingChosen, chosen

__all__ = ["Choice", "NothingChosen", "chosen"]
