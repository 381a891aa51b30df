"""What emerges from captured feeds, day by day, and how often chance alone would raise it.

    python bench/emerging.py [--data ../shared/data] [--seeds 5] [--false-alarms 1] [--evidence]
        [--keep FOLDER]
    python bench/emerging.py --scale 100000

Two sets, each read, grouped and looked at by the real pipeline with its default settings:

* `replay-series`: one look a snapshot, with the night's regrouping after it;
* `news-fr-titles`: four months of one paper's front page, dealt to `VOICES` invented publishers by
  the hash of the title, with a look each midnight: a long past, but no independent voices.

For each look: what rises, `+` where it was not told before, to be judged by reading. Then the same
articles with their dates shuffled over the period: all that rises then is false. Printed for each
set: looks, false signals of all seeds, and how many that is a week.

`--scale N`: only what one look costs at a window of N articles of invented words, in CPU seconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from sqlite_utils import Database

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # bench/ is in no distribution
from app.folder import Folder, starter
from app.pipeline.emerging import Emerged, look_for
from app.pipeline.enriching import enrich
from app.pipeline.regrouping import regroup_all
from bench import series
from enrich.emerging import Facts, Lasting, look, tell
from vigie.archive import articles, bursts
from vigie.archive import emerging as table
from vigie.archive.connect import transaction
from vigie.model import ArticleIntent, EmergingItem, Item, Novelty, Rights
from vigie.schema import Emergence

DATA = Path(__file__).parents[2] / "shared" / "data"
DAY = timedelta(days=1)
VOICES = 4
_MAIN = """[paths]
archive = "archive.db"
desk = "desk.db"

[emerging]
false_alarms_per_month = {false_alarms}

[[edition]]
id = "bench"
title = {{ fr = "Banc", nl = "Bank", de = "Bank", en = "Bench" }}
"""


@dataclass(frozen=True, slots=True)
class Played:
    """One look at a set that is played."""

    now: datetime
    found: Emerged
    seconds: float  # of CPU, the look alone


def folder(home: Path, sources: Sequence[tuple[str, str]], false_alarms: float) -> Folder:
    """A folder with these sources (id, title) and the starter's themes and names."""
    config = home / "config"
    config.mkdir(parents=True)
    (config / "vigie.toml").write_text(_MAIN.format(false_alarms=false_alarms), encoding="utf-8")
    for name in ("themes.toml", "gazetteer.toml"):
        (config / name).write_text(starter(name), encoding="utf-8")
    blocks = [
        f'[[source]]\nid = "{slug}"\ntitle = {json.dumps(title[:200])}\n'
        f'url = "https://feeds.example/{slug}"\nrights = "excerpt"\n'
        for slug, title in sources
    ]
    (config / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")
    return Folder.at(home)


def snapshots(data: Path, home: Path, false_alarms: float) -> Iterator[tuple[Folder, Played]]:
    """replay-series, one look a snapshot."""
    files = json.loads((data / "index.json").read_text("utf-8"))["files"]
    names = {name: f"s{n}" for n, name in enumerate(sorted({file["feed"] for file in files}))}
    place = folder(home, [(slug, name) for name, slug in names.items()], false_alarms)
    for snapshot in sorted({file["snapshot"] for file in files}):
        now = datetime.strptime(snapshot, "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
        with place.archive(now) as db:
            for file in (file for file in files if file["snapshot"] == snapshot):
                body = gzip.decompress((data / file["file"]).read_bytes())
                series.poll(db, names[file["feed"]], file["url"], body, now)
            yield place, _looked(db, place, now)


def front_pages(data: Path, home: Path, false_alarms: float) -> Iterator[tuple[Folder, Played]]:
    """news-fr-titles, one look each midnight."""
    rows = [
        json.loads(line)
        for path in sorted(data.glob("lemonde-une-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    days: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        days.setdefault(row["date"], []).append(row)
    place = folder(home, [(f"v{n}", f"Voix {n}") for n in range(VOICES)], false_alarms)
    for day, items in sorted(days.items()):
        start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        with place.archive(start) as db:
            for n, row in enumerate(items):
                _carry(db, row, start + n * DAY / (len(items) + 1), f"{day}-{n}")
            yield place, _looked(db, place, start + DAY)


def _carry(db: Database, row: dict[str, str], published: datetime, name: str) -> None:
    voice = crc32(row["title"].encode()) % VOICES
    key = f"https://voix{voice}.example/{name}"
    item = Item(key, key, key, row["title"], row["description"], published=published)
    intent = ArticleIntent(Novelty.NEW, key, item, content_hash=key)
    with transaction(db):
        articles.store(db, f"v{voice}", Rights.EXCERPT, [intent], published)


def _looked(db: Database, place: Folder, now: datetime) -> Played:
    enrich(db, place.settings, now)
    regroup_all(db, place.settings, now)
    start = time.process_time()
    found = look_for(db, place.settings, now)
    return Played(now, found, time.process_time() - start)


def shuffled(
    items: Sequence[EmergingItem], given: Emergence, seed: int, step: timedelta
) -> tuple[int, list[str]]:
    """The same items with their dates shuffled: how many looks, and the keys that were raised."""
    dates = [item.published for item in items]
    random.Random(seed).shuffle(dates)
    mixed = sorted(
        (replace(item, published=date) for item, date in zip(items, dates, strict=True)),
        key=lambda item: item.published,
    )
    first, last = mixed[0].published, mixed[-1].published
    watched = dict.fromkeys({item.source for item in items}, first)
    lasting: dict[str, Lasting] = {}
    raised: list[str] = []
    now, looks = first + step, 0
    while now <= last + step:
        window = [item for item in mixed if now - given.past_days * DAY <= item.published < now]
        known = list(lasting.values())
        found = look(window, watched, now, given, frozenset(one.unit for one in known))
        looks += not found.said
        signals, ended = tell(found.rises, known, Facts(), now, given.quiet_days * DAY)
        raised += [signal.key for signal in signals if signal.key not in lasting]
        lasting |= {signal.key: Lasting(signal, now) for signal in signals}
        for key in ended:
            lasting.pop(key, None)
        now += step
    return looks, raised


def _play(played: Iterator[tuple[Folder, Played]], *, evidence: bool) -> Folder:
    place = None
    days, raised = set(), 0
    for folder_, one in played:
        place = folder_
        new = set(one.found.new)
        raised += len(new)
        print(f"{one.now:%Y-%m-%d %H:%M}  {one.seconds:.2f} s  {one.found.said}")
        if not one.found.said:
            days.add(one.now.date())
        for signal in one.found.signals:
            mark = "+" if signal.key in new else " "
            told = f"{signal.kind.value}, {signal.strength.value}, {signal.texts} texts"
            print(f"  {mark} {signal.label}  [{told} of {signal.sources}]  {signal.key}")
            if evidence and signal.key in new:
                with folder_.reading() as db:
                    for article in table.evidence(db, signal.key)[:5]:
                        print(f"        {article.published:%d %H:%M} {article.title}")
    if place is None:
        raise SystemExit("nothing to play")
    print(f"raised {raised} on {len(days)} days that had a past")
    return place


def _shuffle(place: Folder, seeds: int, since: datetime | None, step: timedelta) -> None:
    with place.reading() as db:
        everything = bursts.window(db, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
    items = [item for item in everything if since is None or item.published >= since]
    given = place.settings.emerging
    looks = false = 0
    for seed in range(seeds):
        some, raised = shuffled(items, given, seed, step)
        looks += some
        false += len(raised)
        print(f"  seed {seed}: {some} looks with a past, raised {sorted(raised)}")
    weeks = looks * step / (7 * DAY)
    print(f"shuffled: {false} false signals in {weeks:.1f} weeks, {false / weeks:.2f} a week")


def scale(number: int) -> None:
    """One look at a window of that many articles: twenty publishers, words and names by Zipf."""
    rng = random.Random(1)
    weights = [1 / rank for rank in range(1, 20_001)]
    words = rng.choices(range(20_000), weights, k=11 * number)
    now = datetime(2026, 1, 29, tzinfo=UTC)
    items = []
    for n in range(number):
        own = words[11 * n : 11 * n + 11]
        source = f"s{n % 20}"
        items.append(
            EmergingItem(
                *(n, n, f"s-{n // 3}", source, f"https://{source}.example/{n}"),
                published=now - 28 * DAY * (1 - n / number),
                title=" ".join(f"mot{word}" for word in own[:8]),
                entities=tuple(f"org:{word}" for word in set(own[8:])),
            )
        )
    watched = dict.fromkeys({item.source for item in items}, now - 60 * DAY)
    for which in ("first", "second"):
        start = time.process_time()
        found = look(items, watched, now, Emergence())
        spent = time.process_time() - start
        print(
            f"{which} look at {number} articles: {spent:.1f} CPU s, {spent / number * 1e6:.0f} µs "
            f"an article; {found.tested} tested, {len(found.rises)} rise"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="What emerges, and what chance would raise.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--false-alarms", type=float, default=Emergence().false_alarms_per_month)
    parser.add_argument("--evidence", action="store_true", help="Five titles of each new signal.")
    parser.add_argument("--keep", type=Path, help="Where the archives are left.")
    parser.add_argument("--scale", type=int, help="Only what one look costs at so many articles.")
    given = parser.parse_args()
    if given.scale:
        scale(given.scale)
        return
    with TemporaryDirectory() as temporary:
        home = given.keep or temporary
        sets = (
            ("replay-series", snapshots, timedelta(hours=6)),
            ("news-fr-titles", front_pages, DAY),
        )
        for name, player, step in sets:
            print(f"\n== {name}")
            played = player(given.data / name, Path(home) / name, given.false_alarms)
            place = _play(played, evidence=given.evidence)
            # Before its first snapshot a feed shows only what it still holds: no fair period.
            since = datetime(2024, 1, 25, tzinfo=UTC) if name == "replay-series" else None
            _shuffle(place, given.seeds, since, step)


if __name__ == "__main__":
    main()
