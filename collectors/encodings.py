"""Bodies out of the compression in which they came, within a limit. Pure.

Servers are followed where they are sloppy: a gzip stream that was cut, has something behind it or a
wrong sum gives what can be had of it; so does an encoding that is none.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from collectors.outcome import Refused
from vigie.model import FailureKind

ACCEPTED = "gzip, deflate, br, zstd"
_CHUNK = 1 << 16  # bytes that are unpacked at a time
_MOST_MEMBERS = 200  # of one gzip or zstd file; each one costs a copy of all that follow
_WINDOW = 23  # zstd: 2 to its power bytes of memory, the most that RFC 9659 lets a server use
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's window bits


class _TooLargeError(Exception):
    pass


class _BrokenError(Exception):
    pass


def decoded(body: bytes, encodings: str, most: int) -> bytes:
    """The body decoded; `encodings` is the Content-Encoding header, the last one applied last.

    Raises Refused where it would be over `most` bytes, or was not compressed as said.
    """
    names = [name.strip().lower() for name in encodings.split(",")] if encodings else []
    while names and names[-1] in _DECODERS:
        try:
            body = _DECODERS[names.pop()](body, most)
        except _TooLargeError:
            detail = f"more than {most} bytes once decompressed"
            raise Refused(FailureKind.TOO_LARGE, detail) from None
        except _BrokenError:
            raise Refused(FailureKind.MALFORMED, "broken compression") from None
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    """All members of a gzip file, as far as they can be had."""
    result = bytearray()
    for _ in range(_MOST_MEMBERS):
        if not body:
            break
        stream = zlib.decompressobj(_GZIP)
        try:
            _inflate(stream, body, most, result)
        except zlib.error:
            if result:
                break
            raise _BrokenError from None
        body = stream.unused_data.lstrip(b"\0")  # members may be padded
    return bytes(result)


def _deflate(body: bytes, most: int) -> bytes:
    """zlib's form as the standard has it, or the bare one that some servers send."""
    for bits in (_ZLIB, _RAW):
        result = bytearray()
        try:
            _inflate(zlib.decompressobj(bits), body, most, result)
        except zlib.error:
            continue
        return bytes(result)
    raise _BrokenError


def _inflate(stream: zlib._Decompress, body: bytes, most: int, result: bytearray) -> None:
    rest = body
    while rest and not stream.eof:
        result += stream.decompress(rest, min(most + 1 - len(result), max(_CHUNK, 4 * len(body))))
        if len(result) > most:
            raise _TooLargeError
        rest = stream.unconsumed_tail
    if not stream.eof:
        result += stream.flush()
    if len(result) > most:
        raise _TooLargeError


def _unbrotli(body: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped]  # noqa: PLC0415  few servers answer in it

    stream = brotli.Decompressor()
    result = bytearray()
    data = body
    try:
        while not stream.is_finished():
            part = stream.process(data, output_buffer_limit=_CHUNK)
            data = b""
            result += part
            if len(result) > most:
                raise _TooLargeError
            if not part and stream.can_accept_more_data():
                break  # it was cut
    except brotli.error:
        raise _BrokenError from None
    if body and not result:
        raise _BrokenError
    return bytes(result)


def _unzstd(body: bytes, most: int) -> bytes:
    from backports import zstd  # noqa: PLC0415  few servers answer in it

    result = bytearray()
    data = body
    try:
        for _ in range(_MOST_MEMBERS):
            stream = zstd.ZstdDecompressor(
                options={zstd.DecompressionParameter.window_log_max: _WINDOW}
            )
            while data or not (stream.eof or stream.needs_input):
                result += stream.decompress(data, _CHUNK)
                data = stream.unused_data
                if len(result) > most:
                    raise _TooLargeError
                if stream.eof:
                    break
            if not data:
                break
    except zstd.ZstdError:
        if not result:
            raise _BrokenError from None
    return bytes(result)


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = MappingProxyType(
    {
        "gzip": _gunzip,
        "x-gzip": _gunzip,
        "deflate": _deflate,
        "br": _unbrotli,
        "zstd": _unzstd,
    }
)
