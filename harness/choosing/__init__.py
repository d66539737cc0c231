"""Select scenarios in the same way as tests in pytest: by keywords, tags, last failures, and shards."""

from .choice import Choice, NothingChosen, chosen

__all__ = ["Choice", "NothingChosen", "chosen"]
