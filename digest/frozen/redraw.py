"""What a bundle's own process does: an issue comes in, its files go out.

What goes in and out must never change, since later releases speak to bundles of earlier ones:
one JSON object on stdin, {"issue": the frozen issue as JSON text, "languages": [...]}; on stdout
one JSON object a line, {"language", "form", "content": base64}.
"""

from __future__ import annotations

import base64
import json
import sys

from pydantic import TypeAdapter

from digest.publish import freeze
from vigie.model import Issue


def main() -> None:
    """Read, draw, write."""
    asked = json.loads(sys.stdin.buffer.read())
    issue = TypeAdapter(Issue).validate_json(asked["issue"])
    for file in freeze(issue, asked["languages"]):
        told = {
            "language": file.language,
            "form": file.form.value,
            "content": base64.b64encode(file.content).decode("ascii"),
        }
        sys.stdout.write(json.dumps(told) + "\n")
