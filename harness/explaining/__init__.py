"""Explanations of errors: a code for each kind, and a page for each code.

Pages are Markdown, in `pages/`. A page lists words of the messages that it explains, and the text of an error
finds its page. AWS's own errors therefore have pages, too. The same pages are in the documentation, and
`harness explain CODE` prints one.
"""

from harness.explaining.codes import code_of, more_about, with_codes
from harness.explaining.pages import Page, pages

__all__ = ["Page", "code_of", "more_about", "pages", "with_codes"]
