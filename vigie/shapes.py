"""Shapes of references that more than one room looks for: CVE numbers and DOIs. Pure."""

from __future__ import annotations

import re

# Four digits or more since 2014 (CVE syntax change); 19 at most in CSAF 2.0.
CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
# Crossref's recommended expression for modern DOIs, with what its suffixes may hold.
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}]+")
_CLOSING = {")": "(", "]": "["}


def doi_of(text: str) -> str:
    """The first DOI in a text, in lower case and without the sentence's own marks; "" for none."""
    match = DOI.search(text)
    return tidy_doi(match[0]) if match else ""


def tidy_doi(found: str) -> str:
    """A DOI as it was found, without the full stop, comma or bracket of the sentence around it."""
    while found and (
        found[-1] in ".,;:'’»”*"
        or (found[-1] in _CLOSING and found.count(found[-1]) > found.count(_CLOSING[found[-1]]))
    ):
        found = found[:-1]
    return found.lower()
