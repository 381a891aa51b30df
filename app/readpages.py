"""A recipient's own copy of an issue, behind their own signed link: page, PDF, text and feeds.

What it shows is decided at each visit, by the clearance and themes that the desk has for them
then. Whoever left sees nothing any more. Everyone else reads the public pages (`app.serve`).
"""

from __future__ import annotations

from functools import lru_cache, partial

from sqlite_utils import Database
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.folder import Folder, clock
from app.listpages import PRIVATE_HEADERS
from app.pipeline.copies import linker
from digest import pages
from digest.links import TEST, Linker, Purpose, Signed
from digest.render import render
from digest.select import Wish, select, wish
from vigie.archive import held, issues, people
from vigie.archive.people import RecipientRow
from vigie.errors import NotFoundError
from vigie.model import Form, Issue
from vigie.schema import Edition
from vigie.settings import Settings

TYPES = {
    Form.WEB: "text/html; charset=utf-8",
    Form.HTML: "text/html; charset=utf-8",
    Form.TEXT: "text/plain; charset=utf-8",
    Form.PDF: "application/pdf",
    Form.ATOM: "application/atom+xml; charset=utf-8",
    Form.JSON: "application/feed+json; charset=utf-8",
}
# A bulletin runs nothing and loads nothing; its own policy, inside it, is stricter still.
INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-popups"
)
_FORMS = {form.suffix: form for form in Form if form is not Form.HTML}
_KEPT = 32  # copies kept drawn: equal wishes get equal bytes


def routes(folder: Folder) -> list[Route]:
    """`/read/TOKEN`, `/read/TOKEN.pdf`, `.txt`, `.atom` and `.json`."""
    return [Route(f"/{Purpose.READ}/{{name}}", partial(_read, folder))]


def _read(folder: Folder, request: Request) -> Response:
    token, _, suffix = str(request.path_params["name"]).partition(".")
    form = _FORMS.get(suffix or "html")
    settings = folder.settings
    with folder.reading() as archive, folder.desk() as desk:
        links = linker(desk, settings)
        signed = links.read(Purpose.READ, token)
        if signed is None or form is None:
            return _page(404, pages.forged(settings.general.language, _contact(settings)))
        row = people.by_number(desk, signed.recipient)
        refused = _refused(settings, links, signed, row)
        if refused or row is None:
            return refused or _page(404, "")
        try:
            name = _latest(archive, settings, signed.what)
            issue = held.whole(archive, desk, name)
        except NotFoundError as error:
            return Response(str(error), 404, PRIVATE_HEADERS, "text/plain")
    edition = settings.edition(issue.edition)
    if issue.edition not in row.editions:
        return _page(200, pages.gone(row.language, _contact(settings, edition)))
    choosable = frozenset(theme.id for theme in settings.sections(edition))
    wanted = wish(row.of(issue.edition), edition.languages, edition.language, choosable)
    shown = select(issue, wanted, choosable)
    if not shown.items:
        return _page(200, pages.nothing(row.language))
    content = _drawn(shown, wanted, form, settings.general.timezone)
    headers = {**PRIVATE_HEADERS, "Content-Security-Policy": INERT}
    return Response(content, headers=headers, media_type=TYPES[form])


@lru_cache(maxsize=_KEPT)
def _drawn(issue: Issue, wanted: Wish, form: Form, timezone: str) -> bytes:
    (rendered,) = render(issue, wanted.language, (form,), issue.timezone or timezone)
    return rendered.content


def _refused(
    settings: Settings, links: Linker, signed: Signed, row: RecipientRow | None
) -> Response | None:
    """The page that says why a genuine link shows nothing; None where it does."""
    contact = _contact(settings)
    if signed.recipient == TEST:
        return _page(200, pages.test_link(settings.general.language))
    if row is None or row.removed or row.awaited:
        return _page(200, pages.gone(row.language if row else settings.general.language, contact))
    if signed.expired(settings.mail.link_days, clock()):
        leave = links.token(Purpose.LEAVE, row.id, "", clock())
        return _page(410, pages.expired(row.language, contact, f"/{Purpose.LEAVE}/{leave}"))
    return None


def _latest(archive: Database, settings: Settings, what: str) -> str:
    """An issue's id, or the last issue of the edition that is named. Raises NotFoundError."""
    if any(one.id == what for one in settings.editions):
        return issues.latest(archive, what)
    return what


def _contact(settings: Settings, edition: Edition | None = None) -> str:
    return (edition or settings.editions[0]).contact


def _page(status: int, html: str) -> Response:
    return HTMLResponse(html, status, headers=PRIVATE_HEADERS)
