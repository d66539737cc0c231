"""Detects the language of a document."""

from __future__ import annotations

from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> str:
    """Return the code of the language, such as `de`."""
    found = boto3.client("comprehend").detect_dominant_language(Text=event["document"])
    languages = found["Languages"]
    return str(max(languages, key=lambda language: language["Score"])["LanguageCode"])
