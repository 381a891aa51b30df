"""Identifiers by their shape: CVE, CWE, advisories, DOI, patents, tenders. Pure.

Each shape is that of the body that gives the number: MITRE's CVE and CWE, CERT-FR's and the other
issuers' advisory numbers, the DOI handbook, WIPO ST.16 for patents, TED and national journals for
tenders. A shape that is also something else (a French VAT number, a Belgian company number) counts
only with a kind code or with a word such as "brevet" shortly before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from enrich.references.found import Found
from vigie.model import ReferenceKind
from vigie.shapes import DOI, tidy_doi

_DASH = "[-‐‑–]"
_NUMBERED = re.compile(
    rf"(?<![A-Za-z0-9])(?:CVE[-‐‑–\s]?(?P<year>(?:19|20)\d\d){_DASH}(?P<cve>\d{{4,7}})"
    rf"|CWE[-‐‑–\s]?(?P<cwe>\d{{1,5}}))(?!\d)",
    re.IGNORECASE,
)
_ADVISORIES = re.compile(
    r"""(?<![A-Za-z0-9-])(?:
        CERT(?:FR|A)-\d{4}-(?:AVI|ALE|CTI|IOC|DUR|ACT|REC|INF)-\d{3,4}
      | GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}
      | RH[SBE]A-\d{4}:\d{3,5}
      | D[LS]A-\d{3,5}-\d{1,2}
      | USN-\d{3,5}-\d{1,2}
      | ICSM?A-\d{2}-\d{3}-\d{2}
      | WID-SEC-\d{4}-\d{3,5}
      | EUVD-\d{4}-\d{4,6}
      | NCSC-\d{4}-\d{4}
      | VDE-\d{4}-\d{3}
      | SSA-\d{6}
      | VMSA-\d{4}-\d{4}
      | FG-IR-\d{2}-\d{3}
      | ADV\d{6}
      | cisco-sa-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+
    )(?![A-Za-z0-9])""",
    re.VERBOSE,
)
_PATENT = re.compile(
    r"""(?<![A-Za-z0-9])(?P<office>EP|WO|FR|US|DE|BE|NL|GB)[  ]?
    (?P<number>\d{2,4}/\d{5,6} | \d[\d  .,]{5,13}\d)
    (?:[  ]?(?P<code>[ABCUT][1-9]?)(?![A-Za-z0-9]))?(?!\d)""",
    re.VERBOSE,
)
_PATENT_CUE = re.compile(
    r"brevet|octrooi|patent|offenlegungsschrift|gebrauchsmuster|demande internationale|publication",
    re.IGNORECASE,
)
_PATENT_DIGITS = {"EP": (7, 7), "FR": (7, 7), "US": (7, 8), "DE": (8, 12), "BE": (7, 7)}
_PATENT_DIGITS |= {"NL": (7, 7), "GB": (7, 7)}
_TED = re.compile(
    r"(?<![\w/])(?P<year>20[12]\d)/S[  ]?(?P<issue>\d{3})[-–](?P<old>\d{6,8})(?!\d)"
    r"|(?<![\w/-])(?P<number>\d{5,8})[-–](?P<of>20[12]\d)(?![\w/-])"
)
_TED_CUE = re.compile(
    r"\bTED\b|tenders? electronic|ojs\b|jo(?:ue)?\s+s\b|appel d.offres|avis de march"
    r"|march[ée] public"
    r"|aanbesteding|opdracht|ausschreibung|vergabe|auftrag|tender|procurement|contract notice",
    re.IGNORECASE,
)
_NATIONAL = re.compile(
    r"\bBOAMP\b[^\d\n]{0,25}(?P<boamp>\d{2}-\d{4,6})(?![\d-])"
    r"|\b(?:BDA|Bulletin der Aanbestedingen|Bulletin des Adjudications|e-?Procurement)\b"
    r"[^\d\n]{0,25}"
    r"(?P<bda>20\d\d-\d{6})(?![\d-])",
    re.IGNORECASE,
)
_NEAR = 60  # characters before a number in which the word that explains it stands


def cves_and_cwes(text: str) -> Iterator[Found]:
    for match in _NUMBERED.finditer(text):
        if match["cve"]:
            value = f"CVE-{match['year']}-{match['cve']}"
            yield Found(*match.span(), ReferenceKind.CVE, value, value, "shape of a CVE number")
        else:
            value = f"CWE-{int(match['cwe'])}"
            yield Found(*match.span(), ReferenceKind.CWE, value, value, "shape of a CWE number")


def advisories(text: str) -> Iterator[Found]:
    for match in _ADVISORIES.finditer(text):
        value = match[0]
        yield Found(
            *match.span(), ReferenceKind.ADVISORY, value, value, "shape of an advisory's number"
        )


def dois(text: str) -> Iterator[Found]:
    for match in DOI.finditer(text):
        if match.start() and (text[match.start() - 1].isalnum() or text[match.start() - 1] == "."):
            continue
        value = tidy_doi(match[0])
        if value.partition("/")[2]:
            end = match.start() + len(value)
            yield Found(match.start(), end, ReferenceKind.DOI, value, value, "shape of a DOI")


def patents(text: str) -> Iterator[Found]:
    for match in _PATENT.finditer(text):
        office = match["office"]
        digits = "".join(filter(str.isdigit, match["number"]))
        cued = match["code"] or _PATENT_CUE.search(text, max(0, match.start() - _NEAR), match.end())
        if office == "WO":
            number = _world_number(match["number"], digits)
        else:
            least, most = _PATENT_DIGITS[office]
            number = digits if least <= len(digits) <= most and "/" not in match["number"] else ""
            if not cued and not (office == "EP" and digits[0] in "01234"):
                number = ""
        if number:
            value = f"{office}{number}"
            yield Found(
                *match.span(), ReferenceKind.PATENT, value, value, "shape of a patent's number"
            )


def _world_number(written: str, digits: str) -> str:
    """WO 2020/123456 and WO2020123456 are one; WO 98/12345 is of 1998. "" for what is none."""
    year, slash, serial = written.partition("/")
    if slash and len(year) == 2:
        return f"{1900 + int(year) if int(year) > 70 else 2000 + int(year)}{serial.zfill(6)}"
    if slash:
        return f"{year}{serial.zfill(6)}" if len(year) == 4 else ""
    return digits if len(digits) == 10 and digits[:2] in ("19", "20") else ""


def tenders(text: str) -> Iterator[Found]:
    for match in _TED.finditer(text):
        if match["old"]:
            value = f"TED {int(match['old'])}-{match['year']}"
        elif _TED_CUE.search(text, max(0, match.start() - _NEAR), match.end() + _NEAR):
            value = f"TED {int(match['number'])}-{match['of']}"
        else:
            continue
        yield Found(*match.span(), ReferenceKind.TENDER, value, value, "shape of a TED notice")
    for match in _NATIONAL.finditer(text):
        value = f"BOAMP {match['boamp']}" if match["boamp"] else f"BDA {match['bda']}"
        yield Found(*match.span(), ReferenceKind.TENDER, value, value, "number of a tender")


FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    cves_and_cwes,
    advisories,
    dois,
    patents,
    tenders,
)
