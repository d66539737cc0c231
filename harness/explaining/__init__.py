"""Explanations of errors. Each kind of error has a code, and each code has a page.

The pages are Markdown files in `pages/`. A page lists fragments of the messages that it explains, so the page
for an error is found by the error's text. AWS's own errors can therefore have pages, too. The documentation
contains the same pages, and `harness explain CODE` prints one.
"""

from harness.explaining.codes import code_of, more_about, with_codes
from harness.explaining.pages import Page, pages

__all__ = ["Page", "code_of", "more_about", "pages", "with_codes"]
