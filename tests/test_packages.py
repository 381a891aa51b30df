"""The distribution holds every package, and config/ and docs hold what they should."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_is_in_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    tops = project["tool"]["importlinter"]["root_packages"]
    found = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for top in tops
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert listed == found


def test_config_is_data_without_code() -> None:
    assert {path.suffix for path in (ROOT / "config").iterdir()} == {".toml"}
