"""The demo's own settings: the starter themes and names, the demo world's sources, two servers."""

from __future__ import annotations

import json
from pathlib import Path

from app.demo.render import feed_path
from app.demo.world import World
from app.folder import starter

EDITION = "demo"

_MAIN = """# Written by `vigie demo`: its sources and its mail server were part of it, and are gone.
[vigie]
name = "Vigie, démonstration"

[paths]
archive = "archive.db"
desk = "desk.db"
models = "models"
bulletin = "bulletin"

[collect]
seconds = 5.0
per_host = 8
delay = 0.0
allow_inside = ["127.0.0.0/8"]

[mail]
host = "127.0.0.1"
port = {port}
sender = "Bulletin de veille <bulletin@vigie.example>"
per_minute = 100000
per_domain = 100000

[[edition]]
id = "demo"
title.fr = "Bulletin de veille collaborative"
title.nl = "Gezamenlijk veillebulletin"
title.de = "Gemeinsamer Beobachtungsbericht"
title.en = "Collaborative Watch Bulletin"
language = "fr"
languages = ["fr", "nl", "de", "en"]
items_per_theme = 3
territories = ["FRD", "BE"]
color = "#0b4f6c"
header = "Veille des Trois-Caps"
publisher = "Vigie, démonstration"
contact = "veille@vigie.example"

[serve]
url = "http://127.0.0.1:8321"
"""


_ALERTS = """# Written by `vigie demo`: one rule, which one story of its world meets.
[alerts]
fresh_days = 30.0

[[alert]]
id = "flaw-that-spreads"
title = "Une faille dont on parle"
cves = ["CVE-2026-*"]
growth = { sources = 4, hours = 48 }
"""


def write_settings(home: Path, world: World, base_url: str, smtp_port: int) -> None:
    """Write `home`/config for this world, served at `base_url`, with mail to that port."""
    config = home / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "vigie.toml").write_text(_MAIN.format(port=smtp_port), encoding="utf-8")
    (config / "alerts.toml").write_text(_ALERTS, encoding="utf-8")
    (config / "sources.toml").write_text(_sources(world, base_url), encoding="utf-8")
    for name in ("themes.toml", "gazetteer.toml"):
        (config / name).write_text(starter(name), encoding="utf-8")


def _sources(world: World, base_url: str) -> str:
    blocks = ["# The demo world's sources: every outlet is invented.\n"]
    for feed in world.feeds:
        values = {
            "id": feed.id,
            "title": feed.title,
            "url": base_url + feed_path(feed),
            "language": feed.language,
            "territory": feed.territory,
            "rights": feed.rights,
            "reliability": feed.reliability,
        }
        # A JSON string is a TOML basic string too.
        lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in values.items()]
        blocks.append("[[source]]\n" + "\n".join(lines) + "\n")
    return "\n".join(blocks)
