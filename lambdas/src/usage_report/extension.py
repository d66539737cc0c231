"""The extension of an object.

This module uses neither `os.path.splitext` nor `pathlib`: they differ from each other, and pathlib changed
in Python 3.14.
"""

import unicodedata
from functools import lru_cache

FOLDER = "(folder)"
NONE = "(none)"
OTHER = "(other)"
MAX_BYTES = 32


def extension_of(key: str, size_bytes: int) -> str:
    """Return the extension with its dot, NFC and lower case (".jpg"), or a class in parentheses.

    `(folder)` is a key that ends in "/" or an empty "..._$folder$" marker. `(none)` is a name without an
    extension. `(other)` is an extension with white space or control characters, or with more than 32 bytes of
    UTF-8. The result is never empty. Classes cannot collide with real extensions, which begin with a dot.
    """
    if key.endswith("/") or (size_bytes == 0 and key.endswith("_$folder$")):
        return FOLDER
    _, dot, suffix = key.rpartition("/")[2].lstrip(".").rpartition(".")
    return _of_suffix(suffix) if dot and suffix else NONE


@lru_cache(maxsize=4096)  # most objects have one of a few extensions
def _of_suffix(suffix: str) -> str:
    extension = "." + _folded(suffix)
    if len(extension.encode()) > MAX_BYTES or any(map(_is_unprintable, extension)):
        return OTHER
    return extension


def _folded(text: str) -> str:
    # Compose before and after: lower case may be composable even if upper case was not (H + U+0331).
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _is_unprintable(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cc"
