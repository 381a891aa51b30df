"""What draws an issue, found by its imports, as one archive of files."""

from __future__ import annotations

import ast
import hashlib
import io
import platform
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from vigie import __version__

_ROOTS = ("digest", "vigie")  # packages of ours
_ENTRY = "digest.frozen.redraw"
_DATED = (1980, 1, 1, 0, 0, 0)  # the earliest date that a ZIP can hold: the same for all
_ROOM = 20_000_000  # bytes of a bundle, unpacked; ours has a twentieth


@dataclass(frozen=True, slots=True)
class Bundle:
    """One version of the forms."""

    template: str  # 0.1.0-3f2a9c1b7d0e: the release, and the first 12 digits of the hash
    sha256: str  # of the files' names and contents, however they are packed
    content: bytes  # a ZIP
    libraries: tuple[tuple[str, str], ...]  # what it draws with: name and version, python first


@cache
def bundle() -> Bundle:
    """The forms of this very Vigie."""
    files = dict(sorted(_files()))
    sha256 = _digest(files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DATED), content, zipfile.ZIP_DEFLATED)
    template = f"{__version__}-{sha256[:12]}"
    return Bundle(template, sha256, packed.getvalue(), tuple(libraries().items()))


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a bundle. Raises ValueError for a ZIP that is none of ours, or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > _ROOM:
                raise ValueError("these forms are larger than any of ours")
            names = [info.filename for info in infos]
            if any(not _is_plain(name) for name in names) or len(set(names)) < len(names):
                raise ValueError("these forms hold a file with a strange name")
            return {name: archive.read(name) for name in names}
    except zipfile.BadZipFile as error:
        raise ValueError(f"these forms cannot be unpacked: {error}") from error


def digest_of(content: bytes) -> str:
    """The hash of a bundle's files. Raises ValueError as `unpacked`."""
    return _digest(unpacked(content))


def libraries() -> dict[str, str]:
    """The libraries that draw, by name, with the versions that are installed; Python first."""
    tops = {name.split(".")[0] for source in _modules().values() for name in _imported(source)}
    outside = tops - set(sys.stdlib_module_names) - set(_ROOTS)
    known = metadata.packages_distributions()
    names = {dist for top in outside for dist in known.get(top, [])}
    python = {"python": platform.python_version()}
    return python | {name: metadata.version(name) for name in sorted(names, key=str.lower)}


def differing(then: Mapping[str, str]) -> list[str]:
    """In words, each library that is not of the version it was."""
    now = libraries()
    return [
        f"{name} was {then[name]}, is {now.get(name, 'not installed')}"
        for name in then
        if now.get(name) != then[name]
    ] + [f"{name} is new here ({now[name]})" for name in now if name not in then]


def _digest(files: Mapping[str, bytes]) -> str:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return name.isascii() and parts[0] in _ROOTS and not {"", ".", ".."} & set(parts)


def _files() -> Iterator[tuple[str, bytes]]:
    """(path, content): the modules that draw, and all that is no code beside them."""
    for name, source in _modules().items():
        yield _path(name), source
    for root in _ROOTS:
        yield from _data(resources.files(root), root, deep=root == "digest")


def _data(folder: Traversable, path: str, *, deep: bool) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            if deep and entry.name != "__pycache__":
                yield from _data(entry, name, deep=True)
        elif not entry.name.endswith((".py", ".pyc", ".pyi")):
            yield name, entry.read_bytes()


@cache
def _modules() -> dict[str, bytes]:
    """Our modules that drawing needs, by name, with their sources: a walk along the imports."""
    drawers = [
        f"digest.render.{entry.name.removesuffix('.py')}"
        for entry in resources.files("digest.render").iterdir()
        if entry.name.endswith(".py") and entry.name != "__init__.py"
    ]
    found: dict[str, bytes] = {}
    waiting = ["digest.render", *drawers, _ENTRY]
    while waiting:
        name = waiting.pop()
        if name in found or (source := _source(name)) is None:
            continue
        found[name] = source
        waiting += [parent for parent in (name.rpartition(".")[0],) if parent]
        waiting += [one for one in _imported(source) if one.split(".")[0] in _ROOTS]
    return found


def _source(name: str) -> bytes | None:
    """A module's source; None where the name is that of a thing in a module."""
    root, *rest = name.split(".")
    folder = resources.files(root).joinpath(*rest)
    if (package := folder.joinpath("__init__.py")).is_file():
        return package.read_bytes()
    module = resources.files(root).joinpath(*rest[:-1], f"{rest[-1]}.py") if rest else None
    return module.read_bytes() if module and module.is_file() else None


def _path(name: str) -> str:
    root, *rest = name.split(".")
    package = resources.files(root).joinpath(*rest, "__init__.py").is_file()
    return "/".join(
        [root, *rest, "__init__.py"] if package else [root, *rest[:-1], rest[-1] + ".py"]
    )


def _imported(source: bytes) -> Iterator[str]:
    """Every name that a module imports, of modules and of what may be modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
