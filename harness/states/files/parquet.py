"""Parquet and Zstandard files, read with pyarrow (extra: `parquet`)."""

from __future__ import annotations

from harness.json_types import Json, JsonObject


def parquet_reader_is_there() -> bool:
    """Return whether pyarrow is installed, without importing it."""
    from importlib.util import find_spec  # noqa: PLC0415 - few machines read Parquet

    return find_spec("pyarrow") is not None


def parquet_rows(body: bytes) -> list[Json]:
    """Read the rows of a Parquet file. Each row is an object with the columns as members.

    Dates and times become ISO 8601 strings. Decimals become strings, and bytes are decoded as UTF-8.

    Raises:
        ValueError: the bytes are not a Parquet file.
        ImportError: pyarrow is not installed.
    """
    import pyarrow  # noqa: PLC0415 - large, and optional
    from pyarrow import parquet  # noqa: PLC0415

    try:
        rows = parquet.read_table(pyarrow.BufferReader(body)).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(str(error)) from None
    return [_json(row) for row in rows]


def unpacked_zstd(body: bytes, most: int) -> bytes:
    """Decompress a Zstandard file, up to a maximum number of bytes.

    Raises:
        ValueError: the bytes are not a Zstandard file.
        ImportError: pyarrow is not installed.
    """
    import pyarrow  # noqa: PLC0415

    try:
        with pyarrow.CompressedInputStream(pyarrow.BufferReader(body), "zstd") as stream:
            return bytes(stream.read(most))
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(str(error)) from None


def _json(value: object) -> Json:
    if isinstance(value, dict):
        members: JsonObject = {str(name): _json(member) for name, member in value.items()}
        return members
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        # JSON has neither NaN nor Infinity.
        return value if value - value == 0 else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    shown = getattr(value, "isoformat", value.__str__)()
    return str(shown)
