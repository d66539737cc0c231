"""Write scenario files as a human author would: block style, keys in reference order, comments preserved."""

from .text import Commented, commented, fault_lines, text_of

__all__ = ["Commented", "commented", "fault_lines", "text_of"]
