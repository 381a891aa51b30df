"""New, revised and seen on feeds that were captured again and again.

    python bench/series.py [--data ../shared/data/replay-series]

Each snapshot's feeds are read and decided into one archive, in order. Printed for each snapshot:
items, new, revised, seen, adopted, recognised under a new key. At the end it is asserted that no
canonical URL stands twice among the articles' own keys, and that no article carries another's key.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from collectors import decide, feeds
from collectors.urls import canonical
from vigie.archive import articles
from vigie.archive.connect import open_archive, transaction
from vigie.archive.declared import declare
from vigie.model import Fetched, Rights
from vigie.schema import Source

DATA = Path(__file__).parents[2] / "shared" / "data" / "replay-series"


def replay(data: Path, db: Database) -> Iterator[tuple[str, Counter[str]]]:
    """Each snapshot with what it gave."""
    files = json.loads((data / "index.json").read_text("utf-8"))["files"]
    names = {name: f"s{n}" for n, name in enumerate(sorted({file["feed"] for file in files}))}
    declared = [
        Source(id=slug, title=name[:200], url=f"https://feeds.example/{slug}")
        for name, slug in names.items()
    ]
    declare(db, declared, datetime(2024, 1, 1, tzinfo=UTC))
    for snapshot in sorted({file["snapshot"] for file in files}):
        now = datetime.strptime(snapshot, "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
        count: Counter[str] = Counter()
        for file in files:
            if file["snapshot"] == snapshot:
                body = gzip.decompress((data / file["file"]).read_bytes())
                count += poll(db, names[file["feed"]], file["url"], body, now)
        yield snapshot, count


def poll(db: Database, source: str, url: str, body: bytes, now: datetime) -> Counter[str]:
    """One feed's bytes, read and decided; how many items of each novelty."""
    parsed = feeds.parse(Fetched(source, url, now, url, 200, body=body))
    known = articles.known(db, source, decide.candidates(source, parsed.items))
    recent = articles.recent(db, source)
    intents = decide.decide(source, parsed.items, known, recent)
    with transaction(db):
        articles.store(db, source, Rights.EXCERPT, intents, now)
    count = Counter(intent.novelty.value for intent in intents)
    count["items"] = len(parsed.items)
    count["moved"] = sum(bool(intent.alias) for intent in intents)
    return count


def doubles(db: Database) -> list[str]:
    """Canonical URLs that stand twice among articles that have an address of their own."""
    rows = db.execute("SELECT key FROM articles WHERE key NOT LIKE 'urn:%'").fetchall()
    rows += db.execute("SELECT key FROM article_keys WHERE key NOT LIKE 'urn:%'").fetchall()
    return [url for url, count in Counter(canonical(key) for (key,) in rows).items() if count > 1]


def main() -> None:
    parser = argparse.ArgumentParser(description="New, revised, seen over snapshots.")
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    columns = ("items", "new", "revised", "seen", "adopted", "moved")
    with TemporaryDirectory() as folder:
        db = open_archive(Path(folder) / "archive.db")
        print(f"{'snapshot':<18}" + "".join(f"{name:>9}" for name in columns))
        for snapshot, count in replay(given.data, db):
            print(f"{snapshot:<18}" + "".join(f"{count[name]:9}" for name in columns))
        twice = doubles(db)
        named = "SELECT count(*) FROM articles WHERE key LIKE 'urn:%'"
        print(f"articles {db.table('articles').count}, ", end="")
        print(f"without an address of their own {db.execute(named).fetchone()[0]}, ", end="")
        print(f"canonical URLs that stand twice: {len(twice)}")
        db.close()
    if twice:
        raise SystemExit(f"twice: {twice[:5]}")


if __name__ == "__main__":
    main()
