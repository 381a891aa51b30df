"""Folders of settings for tests that read no names: thousands take half a second to check."""

import re
from pathlib import Path


def without_names(home: Path) -> None:
    """Empty the gazetteer, and take the names out of the themes' rules."""
    config = home / "config"
    (config / "gazetteer.toml").write_text("", encoding="utf-8")
    themes = (config / "themes.toml").read_text("utf-8")
    themes = re.sub(r"(?m)^entities = \[[^\]]*\]\n", "", themes)
    (config / "themes.toml").write_text(themes, encoding="utf-8")
