"""Folders of settings for tests that read no names: thousands take half a second to check."""

import re
from pathlib import Path


def without_names(home: Path) -> None:
    """Empty the gazetteer, take the names out of the themes' rules, leave the entity model out."""
    config = home / "config"
    (config / "gazetteer.toml").write_text("", encoding="utf-8")
    themes = (config / "themes.toml").read_text("utf-8")
    themes = re.sub(r"(?m)^entities = \[[^\]]*\]\n", "", themes)
    (config / "themes.toml").write_text(themes, encoding="utf-8")
    main = (config / "vigie.toml").read_text("utf-8")
    if "[models]" in main:
        main = main.replace('entities = "vigie"', 'entities = "gazetteer"')
    else:
        main += '\n[models]\nentities = "gazetteer"\n'
    (config / "vigie.toml").write_text(main, encoding="utf-8")
