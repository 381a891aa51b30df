"""Bodies out of their compression, sound, sloppy and hostile ones."""

from __future__ import annotations

import gzip
import zlib
from functools import partial

import brotli
import pytest
from backports import zstd

from collectors.encodings import decoded
from collectors.outcome import Refused
from vigie.model import FailureKind

BODY = b"<rss>" + b"veille " * 30_000 + b"</rss>"
gzipped = partial(gzip.compress, mtime=0)  # the same at each collection
BARE = zlib.compressobj(wbits=-15)
RAW = BARE.compress(BODY) + BARE.flush()
MOST = 10_000_000
SPACES = b" " * 50_000_000
WIDE = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}


def told(part: str | bytes) -> str:
    return part if isinstance(part, str) else f"{len(part)} bytes"


@pytest.mark.parametrize(
    ("encodings", "body"),
    [
        ("", BODY),
        ("identity", BODY),
        ("utf-8", BODY),  # some servers say so
        ("gzip", gzipped(BODY)),
        ("X-GZip", gzipped(BODY)),
        ("gzip", gzipped(BODY[:9]) + b"\0" * 8 + gzipped(BODY[9:])),  # in members
        ("gzip", gzipped(BODY) + b"<!-- behind it -->"),
        ("gzip", gzipped(BODY)[:-8]),  # without its sum
        ("deflate", zlib.compress(BODY)),
        ("deflate", RAW),
        ("br", brotli.compress(BODY)),
        ("zstd", zstd.compress(BODY)),
        ("zstd", zstd.compress(BODY[:9]) + zstd.compress(BODY[9:])),
        ("deflate, gzip", gzipped(zlib.compress(BODY))),
    ],
    ids=told,
)
def test_what_came_is_what_was_meant(encodings: str, body: bytes) -> None:
    assert decoded(body, encodings, MOST) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_nothing_stays_nothing(encoding: str) -> None:
    assert decoded(b"", encoding, MOST) == b""


@pytest.mark.parametrize(
    ("encoding", "whole"),
    [
        ("gzip", gzipped(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("br", brotli.compress(BODY)),
        ("zstd", zstd.compress(BODY)),
    ],
    ids=told,
)
def test_of_a_cut_body_what_can_be_had_is_had(encoding: str, whole: bytes) -> None:
    assert BODY.startswith(decoded(whole[:-4], encoding, MOST))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("gzip", b"\x1f\x8bnot gzip at all"),
        ("deflate", b"not deflated"),
        ("br", b"\xff\xff\xff not brotli"),
        ("zstd", b"not zstd"),
        ("zstd", zstd.ZstdCompressor(options=WIDE).compress(b"x" * 9) + b"x"),  # wants 128 MB
    ],
    ids=told,
)
def test_what_is_not_as_said_is_broken(encoding: str, body: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decoded(body, encoding, MOST)
    assert refusal.value.failure.detail == "broken compression"


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzipped(SPACES)),
        ("gzip", gzipped(SPACES[:6_000_000]) * 3),
        ("deflate", zlib.compress(SPACES)),
        ("br", brotli.compress(SPACES, quality=1)),
        ("zstd", zstd.compress(SPACES)),
        ("gzip, gzip", gzipped(gzipped(SPACES))),
    ],
    ids=told,
)
def test_bombs_stop_at_the_limit(encoding: str, bomb: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decoded(bomb, encoding, MOST)
    assert refusal.value.failure.kind is FailureKind.TOO_LARGE
    assert refusal.value.failure.detail == f"more than {MOST} bytes once decompressed"
