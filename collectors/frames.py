"""What parent and child say to each other: jobs one way, outcomes the other.

To the child: JSON lines, the limits first, then each job, then an empty line. From the child:
frames of four bytes (length of the header, big-endian), a JSON header, and the body's bytes.
`FrameWriter` alone touches a stream.
"""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import IO, Any

from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits

_PLAIN = [field.name for field in fields(Fetched) if field.name not in ("at", "body", "failure")]
PREFIX = struct.Struct(">I")


def to_child(jobs: Sequence[FetchJob], limits: Limits) -> bytes:
    """Everything that the child is told."""
    lines = [json.dumps(asdict(limits)), *(json.dumps(asdict(job)) for job in jobs), ""]
    return "".join(f"{line}\n" for line in lines).encode()


def read_limits(line: bytes) -> Limits:
    values: dict[str, Any] = json.loads(line)
    return Limits(**{**values, "allow_inside": tuple(values["allow_inside"])})


def read_job(line: bytes) -> FetchJob:
    return FetchJob(**json.loads(line))


def header(number: int, fetched: Fetched) -> bytes:
    """The prefix and header of a frame that answers job `number`; the body follows as it is."""
    values = {name: getattr(fetched, name) for name in _PLAIN}
    failure = asdict(fetched.failure) if fetched.failure else None
    values |= {"at": fetched.at.isoformat(), "body": len(fetched.body), "number": number}
    values["failure"] = failure
    data = json.dumps(values).encode()
    return PREFIX.pack(len(data)) + data


def read_header(data: bytes) -> tuple[int, Fetched, int]:
    """The job's number, its outcome without the body, and the body's length in bytes."""
    values: dict[str, Any] = json.loads(data)
    number, length, failure = values.pop("number"), values.pop("body"), values.pop("failure")
    if failure:
        failure = Failure(**{**failure, "kind": FailureKind(failure["kind"])})
    values["at"] = datetime.fromisoformat(values["at"])
    return number, Fetched(**values, failure=failure), length


class FrameWriter:
    """Writes whole frames to a raw stream, from any thread; blocks while the parent is busy."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._turn = threading.Lock()

    def send(self, number: int, fetched: Fetched) -> None:
        with self._turn:
            for part in (header(number, fetched), fetched.body):
                rest = memoryview(part)
                while rest:
                    rest = rest[self._stream.write(rest) :]
