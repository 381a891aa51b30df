"""Every dependency is pinned, and told in docs/dependencies.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIRED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


NAMES = [normal(re.split(r"[<>=!~\[; ]", requirement)[0]) for requirement in REQUIRED]


def test_constraints_are_exact_pins_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", line) for line in lines), lines
    assert "torch==2.13.0" in lines


@pytest.mark.parametrize("name", NAMES)
def test_a_dependency_is_pinned_and_told(name: str) -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {normal(line.split("==")[0]): line.split("==")[1] for line in lines}
    assert name in pins
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert re.search(
        rf"^\| {re.escape(name)} \| {re.escape(pins[name])} \| 20\d\d-\d\d \|", page, re.MULTILINE
    )
