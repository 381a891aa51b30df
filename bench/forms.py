"""How long an issue of 60 items takes in every form and four languages.

    python bench/forms.py                 # 60 items; --cores 2 is what the bar speaks of
    python bench/forms.py --items 200 --json build/forms.json

A process of its own is held to so many cores and draws what publishing draws: mail, text, PDF, web
page, Atom and JSON feed in French, Dutch, German and English. The time is from the start of that
process, so that interpreter and libraries are in it. Then each French form is drawn alone, the page
and the PDF each with charts of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.render import Links, render
from vigie.model import Carried, Form, Issue, IssueItem, Quoted, Section
from vigie.schema import LANGUAGES

BAR_SECONDS = 10.0
THEMES = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(draw(asked.items)))
        return 0
    found = measure(asked.items, asked.cores)
    for (language, form), (seconds, size) in found["files"]:
        print(f"{language} {form:5} {seconds:6.2f} s {size / 1000:8.1f} kB")
    print(
        f"{asked.items} items, 4 languages, 6 forms: {found['wall']:.1f} s on {asked.cores} cores "
        f"({found['cpu']:.1f} s of CPU), peak {found['peak'] / 1e6:.0f} MB; "
        f"the bar is {BAR_SECONDS:.0f} s"
    )
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    return int(found["wall"] > BAR_SECONDS)


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def measure(items: int, cores: int) -> dict:
    """The child's own figures, with its wall time from its start to the last of all files."""
    held = sorted(os.sched_getaffinity(0))[:cores]
    start = time.time()
    done = subprocess.run(
        [sys.executable, __file__, "--child", "--items", str(items)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, held),
    )
    found = json.loads(done.stdout)
    return found | {"wall": found["ended"] - start}


def draw(items: int) -> dict:
    """All files as publishing draws them, one call a language; then the French ones one by one."""
    issue = made(items)
    links = Links(*(f"https://veille.example/{what}/{'x' * 80}" for what in "abc"))
    rows = []
    for language in LANGUAGES:
        start = time.perf_counter()
        files = render(issue, language, tuple(Form), links=links)
        size = sum(len(file.content) for file in files)
        rows.append(((language, "all"), (time.perf_counter() - start, size)))
    ended, usage = time.time(), resource.getrusage(resource.RUSAGE_SELF)
    for form in Form:
        start = time.perf_counter()
        (file,) = render(issue, "fr", (form,), links=links)
        rows.append((("fr", form.value), (time.perf_counter() - start, len(file.content))))
    return {
        "files": rows,
        "ended": ended,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }


def made(items: int) -> Issue:
    """An issue of invented items of the lengths that the press has, every third with a comment."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    words = "Le port et la Région annoncent un terminal pour l’hydrogène, l’ammoniac et le vent. "
    codes = ("FRD22", "FRD11", "BE336", "FRE11", "FR101", "BE100", "DE9", "LU000")
    four = ("fr", "nl", "de", "en")
    sections = tuple(
        Section(f"t{n}", {code: f"Thème {n} ({code})" for code in four}) for n in range(THEMES)
    )
    found = []
    for n in range(items):
        url = f"https://www.journal-{n}.example/actualites/2026/11/un-terminal-pour-le-port-{n}"
        source = f"Le Journal du Port {n % 17}"
        found.append(
            IssueItem(
                article=n,
                revision=1,
                story=f"st-{n}",
                section=f"t{n % THEMES}",
                rank=n // THEMES + 1,
                title=f"{words[:78]} {n}",
                excerpt=(words * 4)[:270],
                url=url,
                source=source,
                reliability="ABCDEF"[n % 6],
                published=start + timedelta(days=n * 7 % 91, hours=8),
                language=four[n % 4],
                place=f"Port-sur-Mer {n % 9}",
                themes=(f"t{n % THEMES}", f"t{(n + 3) % THEMES}"),
                sources=tuple(f"S{k}" for k in range(1 + n % 5)),
                why="retenu par mc\u00a0: à présenter au comité\u202f; repris par 3 sources",
                comment=words * 2 if n % 3 == 0 else "",
                summary=(Quoted(words * 2, n, url, source), Quoted(words, n, f"{url}/b", "S"))
                if n % 2
                else (),
                credibility=str(1 + n % 6),
                nuts=codes[n % len(codes)],
                carried=tuple(Carried(start + timedelta(days=k), f"S{k % 7}") for k in range(12))
                if n == 5
                else (),
            )
        )
    title = dict.fromkeys(four, "Bulletin de veille\u00a0– 4e trimestre 2026")
    return Issue(
        *("bench-2026Q4", "bench", title, "2026Q4", start, start + timedelta(days=92), 1),
        *(sections, tuple(found), start + timedelta(days=93), "La Région", "veille@region.example"),
    )


if __name__ == "__main__":
    sys.exit(main())
