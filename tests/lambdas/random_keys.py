"""Object keys of many kinds, for listing tests."""

from __future__ import annotations

import random
from collections.abc import Callable


def kinds(draw: random.Random, prefix: str, letters: str) -> list[Callable[[int], str]]:
    """Functions that return the n-th key of a kind; some draw it at random."""
    return [
        lambda n: f"{prefix}{n}",
        lambda n: f"{prefix}{n:07}.nef",
        lambda n: prefix + "".join(draw.choices(letters, k=draw.randint(1, 12))) + f".{draw.choice(letters)}",
        lambda n: f"20{draw.randint(0, 30):02}/{draw.randint(1, 12):02}/{n}.gz",
        lambda n: draw.choice(["one/", "two/deep/deeper/", ""]) + f"{n:05}",
    ]
