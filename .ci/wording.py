"""Finds wording that may confuse readers, and suggests alternatives.

    python .ci/wording.py            all files of git; a line for each finding, exit code 1 if there are any
    python .ci/wording.py FILE...    these files

The rules are in `wording.toml`. They apply to docstrings, comments and strings in Python, and to Markdown
outside of code.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RULES = Path(__file__).with_name("wording.toml")
ROOT = RULES.parents[1]
CODE = re.compile(r"`[^`\n]*(?:\n[^`\n]*)?`|\]\([^)\n]*\)|<[^>\n]*>|https?://\S+")
"""Parts of a text that are not prose: code, link targets, tags, addresses."""
FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2", re.DOTALL | re.MULTILINE)
DOCTEST = re.compile(r"^ *(>>>|\.\.\.) .*$", re.MULTILINE)
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}")


@dataclass(frozen=True)
class Rule:
    """A pattern, the suggested wording, and the kinds of texts that the pattern applies to; () for all."""

    refuse: re.Pattern[str]
    write: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text in a file: `kind` is docstring, comment, string or page, and `line` is its first line."""

    kind: str
    line: int
    text: str


def rules_of(document: dict[str, Any]) -> list[Rule]:
    """Return the rules in a document such as wording.toml."""
    return [
        Rule(re.compile(each["refuse"]), each["write"], tuple(each.get("kinds", ())))
        for each in document["rule"]
    ]


def findings(texts: Iterable[Text], rules: Sequence[Rule], kept: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the line of each finding, and a sentence about it; `kept` are quoted words that are allowed."""
    keep = re.compile("|".join(map(re.escape, kept)) or r"(?!)")
    for text in texts:
        prose = keep.sub(_blank, CODE.sub(_blank, text.text))
        for rule in rules:
            if rule.kinds and text.kind not in rule.kinds:
                continue
            for found in rule.refuse.finditer(prose):
                line = text.line + prose.count("\n", 0, found.start())
                yield line, f"{' '.join(found[0].split())!r}: write {rule.write}"


def texts_of(path: Path) -> Iterator[Text]:
    """Yield the texts in a Python file or a Markdown page."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield Text("page", 1, FENCED.sub(_blank, source))
        return
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    } - docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield from _string(node.lineno, "".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docstrings:
                yield Text("docstring", node.lineno, DOCTEST.sub(_blank, node.value))
            elif id(node) not in within:
                yield from _string(node.lineno, node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text("comment", token.start[0], token.string)


def _string(line: int, text: str) -> Iterator[Text]:
    if SENTENCE.search(text):
        yield Text("string", line, text)


def _blank(found: re.Match[str]) -> str:
    """Return the same number of lines, without words."""
    return "`" + "\n" * found[0].count("\n")


def main(arguments: Sequence[str]) -> int:
    """Print a line for each finding; return 1 if there are any."""
    document = tomllib.loads(RULES.read_text(encoding="utf-8"))
    rules, kept, found = rules_of(document), document["keep"], 0
    data = [ROOT / folder for folder in document["data"]]
    others = {ROOT / name for name in document["except"]}
    for path in map(Path, arguments) if arguments else _files(document["folders"]):
        if path.resolve() in others:
            continue
        texts = texts_of(path)
        if any(path.resolve().is_relative_to(folder) for folder in data):
            texts = (text for text in texts if text.kind != "string")
        for line, sentence in findings(texts, rules, kept):
            found += 1
            print(f"{path}:{line}: {sentence}")
    return 1 if found else 0


def _files(folders: Sequence[str]) -> Iterator[Path]:
    patterns = [f"{folder}*{suffix}" for folder in folders for suffix in (".py", ".md")]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    yield from (ROOT / name for name in listed.stdout.split("\0") if name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
