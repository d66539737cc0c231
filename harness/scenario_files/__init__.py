"""Write scenario files in the style of a human author: block style, keys in reference order, comments
kept.
"""

from .text import Commented, commented, fault_lines, text_of

__all__ = ["Commented", "commented", "fault_lines", "text_of"]
