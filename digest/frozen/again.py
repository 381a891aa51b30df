"""An issue drawn again by the forms it was published with, in a process of their own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from digest.frozen.bundle import unpacked
from vigie.errors import RebuildError

SECONDS = 300.0
_START = "import sys; sys.path.insert(0, sys.argv[1]);from digest.frozen.redraw import main; main()"
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZDIR", "SYSTEMROOT")


def again(
    content: bytes, issue: str, name: str, languages: Sequence[str]
) -> dict[tuple[str, str], bytes]:
    """Each file by (language, form), as the code in the bundle `content` draws it now.

    `issue` is the frozen issue as JSON. That code is run: give only bundles that are trusted.
    Raises RebuildError where it cannot draw with the libraries that are here.
    """
    try:
        files = unpacked(content)
    except ValueError as error:
        raise RebuildError(name, [str(error)]) from error
    with tempfile.TemporaryDirectory(prefix="vigie-forms-") as folder:
        for path, data in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        said = _run(folder, json.dumps({"issue": issue, "languages": list(languages)}), name)
    rows = [json.loads(line) for line in said.splitlines()]
    return {(row["language"], row["form"]): base64.b64decode(row["content"]) for row in rows}


def _run(folder: str, asked: str, name: str) -> bytes:
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, on forms that are trusted
            [sys.executable, "-I", "-B", "-c", _START, folder],
            input=asked.encode(),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RebuildError(name, [f"its forms took more than {SECONDS:.0f} s"]) from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no word why"]
        raise RebuildError(name, [f"its forms cannot draw with the libraries here: {last[0]}"])
    return done.stdout
