"""The format of data files, as described by ReaderConfig."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataFormat:
    """The format of the data files that an ItemReader reads.

    Attributes:
        input_type: `CSV`, `JSON`, `JSONL` or `PARQUET`.
        delimiter: the character between two CSV fields.
        headers: the names of the CSV fields; None to use the first row of each file.
        items_pointer: a JSON Pointer (RFC 6901) to the items inside a JSON file; empty for the whole file.
    """

    input_type: str = "JSON"
    delimiter: str = ","
    headers: tuple[str, ...] | None = None
    items_pointer: str = ""
