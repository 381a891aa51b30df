"""`vigie serve`: one process with the timetable and, for readers, the archive and the bulletins."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from typing import NoReturn

import psutil
import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app import health, listpages, readpages
from app.folder import Folder, clock
from app.readpages import INERT, TYPES
from app.schedule import timetable
from vigie.archive import issues
from vigie.errors import NotFoundError
from vigie.model import Form, Tlp

# A published bulletin runs nothing and loads nothing: whatever slipped into it stays inert.
_HEADERS = {
    "Content-Security-Policy": INERT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_pages = Environment(
    loader=PackageLoader("app"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def serve(folder: Folder, host: str, port: int, *, schedule: bool) -> None:
    """Run until SIGINT or SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # uvicorn stops on these in good order, then raises them again for whoever was there before it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    with folder.archive(clock()):
        pass  # made and migrated before anyone reads
    uvicorn.run(
        application(folder, schedule=schedule),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    _end()


def _end(*_signal: object) -> NoReturn:
    """End at once, and well.

    A tick may be half way. What it has committed stands, and the next one does the rest: there is
    nothing to wait for. Its child processes would end with this one by themselves, but for one that
    is deep in a hostile document.
    """
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    logging.shutdown()
    os._exit(0)


def application(folder: Folder, *, schedule: bool) -> Starlette:
    """The pages, and the timetable's life around them. The archive must exist."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001  # Starlette's signature
        scheduler = timetable(folder) if schedule else None
        if scheduler:
            scheduler.start()
        yield
        if scheduler:
            scheduler.shutdown(wait=False)

    # With rich installed, Datasette prints all local variables of each wrong query to the log.
    import_module("datasette.handle_exception").rich = None  # type: ignore[attr-defined]  # untyped
    archive = Datasette(
        settings={"base_url": "/archive/", "sql_time_limit_ms": 2000, "max_returned_rows": 1000},
        metadata={"title": f"{folder.settings.general.name}: archive"},
    )
    # Not named "archive": Datasette takes a path that begins with its own prefix for prefixed.
    archive.add_database(Database(archive, path=str(folder.settings.paths.archive)), name="vigie")
    return Starlette(
        routes=[
            Route("/", partial(_home, folder)),
            Route("/health", partial(_health, folder)),
            Route("/bulletin/{file}", partial(_bulletin, folder)),
            *listpages.routes(folder),
            *readpages.routes(folder),
            Route("/archive{rest:path}", endpoint=_Behind(archive.app(), "/archive")),
        ],
        lifespan=life,
    )


class _Behind:
    """An application behind a path that it does not see, as behind a proxy that strips it.

    Starlette's Mount leaves `path` whole, and Datasette's links would then bear the prefix twice.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"]).removeprefix(self._prefix) or "/"
        raw = bytes(scope.get("raw_path") or b"").removeprefix(self._prefix.encode()) or b"/"
        await self._app({**scope, "path": path, "raw_path": raw}, receive, send)


def _home(folder: Folder, _request: Request) -> Response:
    """What there is to read, in a few lines."""
    general = folder.settings.general
    with folder.reading() as db:
        published = issues.overview(db)
    page = _pages.get_template("home.html.j2")
    return HTMLResponse(
        page.render(language=general.language, name=general.name, published=published)
    )


def _health(folder: Folder, _request: Request) -> Response:
    with folder.reading() as db:
        states = [found.state.value for found in health.overview(db, clock())]
    return JSONResponse({state: states.count(state) for state in sorted(set(states))})


def _bulletin(folder: Folder, request: Request) -> Response:
    """A frozen file of the last revision: /bulletin/ISSUE.html, or /bulletin/ISSUE.nl.html.

    Where an edition's id stands for an issue's, its last issue: so a feed has one address.
    """
    name = str(request.path_params["file"])
    issue_id, language, form = _named(name)
    settings = folder.settings
    try:
        with folder.reading() as db:
            if any(one.id == issue_id for one in settings.editions):
                issue_id = issues.latest(db, issue_id)
            issue = issues.published(db, issue_id)
            files = issues.files(db, issue.id, issue.revision)
    except NotFoundError as error:
        return Response(str(error), status_code=404, media_type="text/plain")
    if issue.tlp is not Tlp.CLEAR:  # an archive of before, or of elsewhere: never for everyone
        return Response(f"{issue_id} is not public", 404, media_type="text/plain")
    wanted = language or settings.edition(issue.edition).language
    found = {file.form: file for file in files if file.language == wanted}
    # Issues of before there was a page show the mail in its place.
    file = found.get(form) if form else None
    file = file or (found.get(Form.HTML) if form is Form.WEB else None)
    if file is None:
        return Response(f"{issue_id} has no such form in {wanted}", 404, media_type="text/plain")
    return Response(file.content, media_type=TYPES[file.form], headers=_HEADERS)


def _named(name: str) -> tuple[str, str, Form | None]:
    """Issue, language ("" for the edition's own) and form of a file's name."""
    for form in sorted(Form, key=lambda one: -len(one.suffix)):
        stem = name.removesuffix(f".{form.suffix}")
        if stem != name:
            issue, _, language = stem.partition(".")
            return issue, language, form
    return name, "", None
