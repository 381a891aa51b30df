"""Every figure of quality that can be taken on a folder of data.

    python -m bench.quality --data FOLDER --out FILE.json --report docs/quality.md

Exit status: 0 when all that is there was measured, 1 when a file was broken, a part failed or a
figure fell under its floor (each is named, and all figures are written), 2 when the folder or the
settings are not there. What is absent is told and is no failure. Floors stand on data known by its
hash, with the starter's models: on other data, and with --home, there are none.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.progress import for_terminal
from bench.quality import floors, report
from bench.quality.inforce import InForce
from bench.quality.parts import BY_NAME, PARTS
from bench.quality.runner import run
from vigie.errors import VigieError


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    names = [part.name for part in PARTS if not options.only or part.name in options.only]
    if not options.data.is_dir():
        return _stop(f"--data {options.data}: no such folder")
    try:
        force = InForce.of(options.home)
    except VigieError as error:
        return _stop(str(error))
    quiet = for_terminal(quiet=options.quiet)
    sections = run(names, options.data.resolve(), options.home, options.jobs, quiet)
    files = report.hashes(options.data.resolve(), names)
    found = report.Run(
        data=options.data.resolve().name,
        files=files,
        models=report.models(force),
        sections=tuple(sections),
        floors=() if options.home else tuple(floors.load().judged(sections, files)),
    )
    content = report.as_json(found)
    _write(options.out, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    if options.report:
        _write(options.report, report.page(content))
    _tell(found, options.out)
    return 0 if found.ok else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"Parts: {', '.join(BY_NAME)}.",
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("build/quality.json"))
    parser.add_argument("--report", type=Path, help="the same as a page of Markdown")
    parser.add_argument("--only", type=_names, default=(), help="parts, with commas between")
    parser.add_argument("--home", type=Path, help="a Vigie folder: its models and names are used")
    parser.add_argument("--jobs", type=int, default=2, help="parts at once (default: 2)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser.parse_args(arguments)


def _names(said: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in said.split(",") if name.strip())
    if unknown := [name for name in names if name not in BY_NAME]:
        known = ", ".join(BY_NAME)
        raise argparse.ArgumentTypeError(f"no part {unknown[0]!r}; there are {known}")
    return names


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _tell(found: report.Run, out: Path) -> None:
    """One line a part, then what is broken: the figures are in the files."""
    for section in found.sections:
        state = "ok" if section.ok else "NOT OK"
        print(  # a bench prints
            f"{section.name:<12}{len(section.rows):>5} figures, {len(section.absent)} absent, "
            f"{section.seconds:.0f} s, {section.peak_mb:.0f} MB: {state}"
        )
        for one in section.broken:
            print(f"  broken: {one.what}: {one.why}", file=sys.stderr)
        if section.failed:
            print(f"  failed: {section.failed}", file=sys.stderr)
    for judged in found.floors:
        if not judged.held:
            print(f"  under its floor: {judged.said()}", file=sys.stderr)
    print(f"written to {out}")


def _stop(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
