"""Writes scenario files as a person would: block style, the keys in the reference's order, comments kept."""

from .text import Commented, commented, fault_lines, text_of

__all__ = ["Commented", "commented", "fault_lines", "text_of"]
