"""Failure causes, short enough for an email."""

MAX_CHARACTERS = 300
MOST_LINES = 5
MOST_CHARACTERS_OF_LINES = 1_000


def shortened(text: str) -> str:
    """Return the text as one line of at most 300 characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 3] + "..."


def in_few_lines(text: str) -> str:
    """Return the text's first five non-empty lines, at most 1,000 characters; "..." marks omissions."""
    lines = [line for line in map(str.rstrip, text.splitlines()) if line]
    shown = "\n".join(lines[:MOST_LINES])
    if len(lines) <= MOST_LINES and len(shown) <= MOST_CHARACTERS_OF_LINES:
        return shown
    return shown[: MOST_CHARACTERS_OF_LINES - 3] + "..."
