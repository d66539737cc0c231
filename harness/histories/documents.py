"""Splits the text of a file into JSON documents: one, several in sequence, or one per line."""

from __future__ import annotations

import json
from pathlib import Path

from harness.files import read_text
from harness.histories.faults import HistoryError
from harness.json_types import Json

_EXPORT = "aws stepfunctions get-execution-history --execution-arn ARN > history.json"


def documents_in(path: Path) -> list[Json]:
    """Return the documents in a file.

    Raises:
        HistoryError: it cannot be read, or is not JSON.
    """
    try:
        text = read_text(path, "utf-8-sig")
    except OSError as error:
        raise HistoryError(path, str(error.strerror), "specify a file with a history") from error
    except UnicodeDecodeError as error:
        raise HistoryError(path, f"not UTF-8: {error}", "save it as UTF-8") from error
    return _documents(path, text)


def _documents(path: Path, text: str) -> list[Json]:
    decoder, found, at = json.JSONDecoder(), [], _next(text, 0)
    if at == len(text):
        raise HistoryError(path, "it is empty", f"export the history again: {_EXPORT}")
    while at < len(text):
        try:
            document, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise _fault(path, text, error) from None
        except RecursionError:
            raise HistoryError(path, "it is nested too deeply", "export the history again") from None
        found.append(document)
        at = _next(text, end)
    return found


def _next(text: str, at: int) -> int:
    """Return the position at which the next document begins."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _fault(path: Path, text: str, error: json.JSONDecodeError) -> HistoryError:
    place = f":{error.lineno}:{error.colno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        remedy = f"it is truncated; export the history again: {_EXPORT}"
        return HistoryError(path, "the JSON is incomplete", remedy, place=place)
    shown = text[error.pos : error.pos + 20].splitlines()[0]
    remedy = f"use the output of the AWS CLI: {_EXPORT}"
    return HistoryError(path, f"not JSON: {error.msg}: {shown!r}", remedy, place=place)
