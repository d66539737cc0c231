"""The reason why a bucket is not in the numbers, in one line."""

MAX_CHARACTERS = 300


def shortened(text: str) -> str:
    """The text as one line of at most 300 characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 3] + "..."
