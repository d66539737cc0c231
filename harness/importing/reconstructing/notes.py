"""Notes about the guessed parts of a definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.json_types import Json


@dataclass
class Notes:
    """Sentences about the states of a definition; the key "" is for sentences about the machine."""

    of_state: dict[str, list[str]] = field(default_factory=dict)

    def add(self, state: str, sentence: str) -> None:
        """Add a sentence."""
        known = self.of_state.setdefault(state, [])
        if sentence not in known:
            known.append(sentence)

    def about(self, state: str, member: str) -> Callable[[str, str], None]:
        """Return a function that adds a note about a member in a state's field."""
        return lambda way, sentence: self.add(state, f"{member}.{way}: {sentence}")

    def sentences(self) -> list[str]:
        """Return all sentences, each with its state."""
        return [
            f"state {state!r}: {each}" if state else each
            for state, sentences in self.of_state.items()
            for each in sentences
        ]

    def comment(self, state: str) -> dict[str, Json]:
        """Return the Comment of a state that has notes."""
        return {"Comment": f"guessed: {'; '.join(self.of_state[state])}"} if self.of_state.get(state) else {}
