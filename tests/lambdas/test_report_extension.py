import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage_report.extension import FOLDER, MAX_BYTES, NONE, OTHER, extension_of


@pytest.mark.parametrize(
    ("key", "size", "extension"),
    [
        ("2019/cat.JPG", 1, ".jpg"),
        ("archive.tar.gz", 1, ".gz"),
        ("README", 1, NONE),
        (".gitignore", 1, NONE),
        ("..hidden.txt", 1, ".txt"),
        ("foo.", 1, NONE),
        ("...", 1, NONE),
        ("", 0, NONE),
        ("a.b/c", 1, NONE),
        ("a/", 0, FOLDER),
        ("a.txt/", 7, FOLDER),
        ("logs_$folder$", 0, FOLDER),
        ("logs_$folder$", 1, NONE),
        ("page.html?x=1#top", 1, ".html?x=1#top"),
        ("100%25.t%20t", 1, ".t%20t"),
        ("two words.a b", 1, OTHER),
        ("a.b\u2028c", 1, OTHER),
        ("a.b\x00", 1, OTHER),
        ("a.b\x85", 1, OTHER),
        ("a." + "x" * 31, 1, "." + "x" * 31),
        ("a." + "x" * 32, 1, OTHER),
        ("a." + "é" * 15, 1, "." + "é" * 15),
        ("a." + "é" * 16, 1, OTHER),
        ("e\u0301.E\u0301", 1, ".\u00e9"),
        ("a.H\u0331", 1, ".\u1e96"),
    ],
)
def test_extension_follows_the_rules(key: str, size: int, extension: str) -> None:
    assert extension_of(key, size) == extension


@given(st.text(), st.integers(0, 2))
@example("a.H\u0331", 1)
@example("a.\u0130", 1)
def test_extension_is_a_class_or_a_clean_suffix(key: str, size: int) -> None:
    extension = extension_of(key, size)
    if extension in (FOLDER, NONE, OTHER):
        return
    assert extension.startswith(".")
    assert 1 < len(extension.encode()) <= MAX_BYTES
    assert "/" not in extension
    assert extension.count(".") == 1
    assert not any(character.isspace() or unicodedata.category(character) == "Cc" for character in extension)
    assert unicodedata.is_normalized("NFC", extension)
    assert extension_of("x" + extension, 1) == extension


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="/")))
def test_folders_of_a_key_do_not_matter(folder: str, name: str) -> None:
    assert extension_of(f"{folder}/x{name}", 1) == extension_of(f"x{name}", 1)
