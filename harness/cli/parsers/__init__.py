"""Command parsers. Each function adds one parser."""
