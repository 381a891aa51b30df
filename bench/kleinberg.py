"""Kleinberg's automaton on an archive's last days, beside the method in force.

    python bench/emerging.py --keep FOLDER
    python bench/kleinberg.py FOLDER/replay-series/archive.db --since 2024-01-25

The batched form of two states (Kleinberg, "Bursty and hierarchical structure in streams", Data
Mining and Knowledge Discovery 7, 2003, section 4.3), on the very units, texts and volumes that
`enrich.emerging` counts: how many are in the high state on the last day, of three publishers, as
the archive is and with its dates shuffled.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from enrich.emerging.counting import DAY, by_day, count
from enrich.emerging.rising import candidates
from vigie.archive import bursts, connect
from vigie.model import EmergingItem
from vigie.schema import Emergence


def last_state(relevant: Sequence[int], every: Sequence[float], times: float, gamma: float) -> int:
    """0 or 1: the state of the last day on the cheapest way. `times`: the high rate's factor."""
    total = sum(every)
    low = sum(relevant) / total if total else 0.0
    if not 0 < low < 1:
        return 0
    rates = (low, min(times * low, 0.9999))
    up = gamma * math.log(len(relevant))
    costs = [0.0, math.inf]
    for found, of in zip(relevant, every, strict=True):
        here = [-found * math.log(p) - (of - found) * math.log(1 - p) for p in rates]
        costs = [min(costs) + here[0], min(costs[0] + up, costs[1]) + here[1]]
    return int(costs[1] < costs[0])


def bursting(items: Sequence[EmergingItem], now: datetime, times: float, gamma: float) -> int:
    """How many units of three publishers are in the high state in the last 24 hours."""
    given = Emergence()
    known = [item for item in items if item.published < now]
    watched = {item.source: items[0].published for item in items}
    wanted = candidates(known, now, given.min_sources)[1]
    tally = count(known, watched, now, given.past_days, wanted)
    volumes = tally.exposures()
    days = [day for day in reversed(range(given.past_days)) if volumes[day]]
    found = 0
    for unit in wanted:
        counts = by_day(tally.hits[unit], given.past_days)
        each = [max(volumes[day], counts[day]) for day in days]
        if counts[0] and len({hit.publisher for hit in tally.hits[unit] if not hit.day}) >= 3:
            found += last_state([counts[day] for day in days], each, times, gamma)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Kleinberg's automaton beside ours.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--since", type=datetime.fromisoformat, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gamma", type=float, default=1.0)
    given = parser.parse_args()
    db = connect.read(given.archive)
    start = given.since.replace(tzinfo=UTC)
    items = bursts.window(db, start, start + timedelta(days=366))
    db.close()
    looks = [items[-1].published - back * DAY for back in (2, 1, 0)]
    for times in (2.0, 3.0):
        real = [bursting(items, now, times, given.gamma) for now in looks]
        false = []
        for seed in range(given.seeds):
            dates = [item.published for item in items]
            random.Random(seed).shuffle(dates)
            mixed = [replace(item, published=at) for item, at in zip(items, dates, strict=True)]
            mixed.sort(key=lambda item: item.published)
            false += [bursting(mixed, now, times, given.gamma) for now in looks]
        print(
            f"s {times}, gamma {given.gamma}: units in a burst at each look {real}; "
            f"dates shuffled {sum(false) / len(false):.1f} a look ({len(false)} looks)"
        )


if __name__ == "__main__":
    main()
