"""Detects a file's format and reads it as a stream. Detection uses the content, because downloads lose
their names.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from harness.files import is_file, is_folder, path_remedy
from harness.inventory import columnar, csv_rows
from harness.inventory.json_objects import Objects
from harness.inventory.ls_lines import Lines, is_listing
from harness.inventory.manifest import Manifest, check_whole, read_manifest
from harness.inventory.model import Listed, Reader, Refused

STDIN: Final = Path("-")
_PEEKED: Final = 4_096
_CHUNK: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_COLUMNAR: Final = {b"PAR1": "parquet", b"ORC": "orc"}
_ROUNDED: Final = "sizes are rounded as in the listing: list without --human-readable for exact sizes"
_GUESSED: Final = "the columns are guessed: {}; set them with --columns or use the manifest.json"


@dataclass
class Listing:
    """Files that are read one after another.

    Attributes:
        columns: the columns for CSV without a manifest; guessed if empty.
        notes: sentences about the files, complete after the last line.
    """

    paths: Sequence[Path]
    columns: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Listed]:
        """Yield each line. Raises Refused if a line cannot be used."""
        for path in self.paths:
            with ExitStack() as opened:
                yield from self._file(path, opened)

    def note(self, sentence: str) -> None:
        """Add a note once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _file(self, path: Path, opened: ExitStack) -> Iterator[Listed]:
        file = opened.enter_context(_open(path))
        start = file.peek(_PEEKED)[:_PEEKED]
        form = next((form for magic, form in _COLUMNAR.items() if start.startswith(magic)), "")
        if form:
            yield from columnar.rows(_on_disk(path, form), form, Reader(path))
        elif b'"fileSchema"' in start or b'"sourceBucket"' in start:
            yield from self._inventory(read_manifest(_on_disk(path, "a manifest")))
        else:
            yield from self._text(path, file, self.columns)

    def _inventory(self, manifest: Manifest) -> Iterator[Listed]:
        for part in manifest.parts:
            check_whole(part)
        for part in manifest.parts:
            if manifest.form == "csv":
                with ExitStack() as opened:
                    file = opened.enter_context(_open(part.path))
                    yield from self._text(part.path, file, manifest.columns)
            else:
                yield from columnar.rows(part.path, manifest.form, Reader(part.path))

    def _text(self, path: Path, file: io.BufferedReader, columns: Sequence[str]) -> Iterator[Listed]:
        reader = Reader(path)
        if file.peek(2).startswith(_GZIP):
            file = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=cast(BinaryIO, file))))
        try:
            text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
            start = file.peek(_PEEKED)[:_PEEKED].decode("utf-8-sig", "replace")
            yield from self._lines(start, text, reader, columns)
        except (EOFError, OSError, zlib.error) as error:
            what = f"the file cannot be read completely ({error})"
            raise Refused(f"{reader.name}:{reader.line}:1: {what}; download it again") from None

    def _lines(
        self, start: str, text: io.TextIOWrapper, reader: Reader, columns: Sequence[str]
    ) -> Iterator[Listed]:
        first = next((line for line in start.splitlines() if line.strip()), "")
        if not first:
            raise Refused(f"{reader.name}:1:1: the listing is empty; list again")
        if first.lstrip().startswith("{") and not columns:
            chunks: Callable[[], str] = lambda: text.read(_CHUNK)  # noqa: E731
            yield from Objects(iter(chunks, ""), reader)
        elif is_listing(first) and not columns:
            lines = Lines(text, reader)
            yield from lines
            if lines.rounded:
                self.note(_ROUNDED)
        else:
            yield from self._rows(first, text, reader, columns)

    def _rows(
        self, first: str, text: Iterable[str], reader: Reader, columns: Sequence[str]
    ) -> Iterator[Listed]:
        import csv  # noqa: PLC0415

        if not columns and (names := csv_rows.guessed(next(csv.reader([first]), []))):
            self.note(_GUESSED.format(", ".join(names)))
        yield from csv_rows.rows(text, columns, reader)


def listed_in(paths: Sequence[Path], columns: Sequence[str] = ()) -> Listing:
    """Return the lines in files. `-` is stdin.

    Raises:
        Refused: a file does not exist or is specified twice, or columns are missing.
    """
    if columns:
        csv_rows.check_columns(columns, "--columns")
    known: dict[Path, Path] = {}
    for path in paths:
        if path != STDIN and not is_file(path):
            if is_folder(path):
                raise Refused(f"{path} is a folder; use its manifest.json, or another file in it")
            raise Refused(f"{path}: file not found; {path_remedy(path)}")
        if (real := path if path == STDIN else path.resolve()) in known:
            raise Refused(f"{path} is specified twice, so its objects would count twice; remove one")
        known[real] = path
    return Listing(paths, columns)


def _open(path: Path) -> io.BufferedReader:
    try:
        # The caller closes it. stdin stays open.
        return path.open("rb") if path != STDIN else open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}); correct the path") from error


def _on_disk(path: Path, what: str) -> Path:
    if path == STDIN:
        raise Refused(f"stdin: {what} cannot be read from stdin; specify the file")
    return path
