"""Each bench starts as a file, from the project's folder."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHES = sorted(path.name for path in (ROOT / "bench").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_tells_how_to_run_it(name: str) -> None:
    command = [sys.executable, f"bench/{name}", "--help"]
    told = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"usage: {name}")
