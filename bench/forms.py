"""How long an issue of 60 items takes in every form and four languages.

    python bench/forms.py                 # 60 items; --cores 2 is what the bar speaks of
    python bench/forms.py --items 200 --json build/forms.json

A process of its own is held to so many cores and draws what publishing draws: mail, text, PDF, web
page, Atom and JSON feed in French, Dutch, German and English, imports of libraries included. Each
form is timed with the charts that it is the first to need.
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
        f"({found['cpu']:.1f} s of CPU, {found['import']:.1f} s of them imports), "
        f"peak {found['peak'] / 1e6:.0f} MB; the bar is {BAR_SECONDS:.0f} s"
    )
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    return int(found["wall"] > BAR_SECONDS)


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def measure(items: int, cores: int) -> dict:
    """The child's own figures, with its wall time from start to end."""
    held = sorted(os.sched_getaffinity(0))[:cores]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--child", "--items", str(items)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, held),
    )
    return json.loads(done.stdout) | {"wall": time.perf_counter() - start}


def draw(items: int) -> dict:
    from digest.render import Links, render
    from digest.render.charts import charts  # noqa: F401  # so that its import is counted apart
    from digest.render.html import draw as _html  # noqa: F401
    from digest.render.pdf import draw as _pdf  # noqa: F401
    from vigie.model import Form
    from vigie.schema import LANGUAGES

    imported = time.process_time()
    issue = made(items)
    links = Links(*(f"https://veille.example/{what}/{'x' * 80}" for what in "abc"))
    files = []
    for language in LANGUAGES:
        start = time.perf_counter()
        # one call, as publishing does: the charts are drawn once for page and PDF
        sizes = {}
        for file in render(issue, language, tuple(Form), links=links):
            sizes[file.form.value] = len(file.content)
        files.append(((language, "all"), (time.perf_counter() - start, sum(sizes.values()))))
    for form in Form:
        start = time.perf_counter()
        (file,) = render(issue, "fr", (form,), links=links)
        files.append((("fr", form.value), (time.perf_counter() - start, len(file.content))))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "files": files,
        "import": imported,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }


def made(items: int):
    """An issue of invented items of the lengths that the press has, every third with a comment."""
    from vigie.model import Carried, Issue, IssueItem, Quoted, Section

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
