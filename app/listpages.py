"""The pages of `vigie serve` that a recipient's own links lead to.

GET shows and changes nothing; POST does, once or ten times (RFC 8058: also without a page, from a
mail program's own button). Whoever has the link may act: there is no session and no cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs

from sqlite_utils import Database
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import alertpages
from app.folder import Folder, clock
from app.pipeline.copies import linker
from app.pipeline.joining import titles
from digest import pages
from digest.links import TEST, Linker, Purpose, Signed
from vigie.archive import consent, people, wishes
from vigie.archive.people import Change, RecipientRow, Subscription
from vigie.schema import ALERTS, LANGUAGES, Edition
from vigie.settings import Settings

LARGEST = 32_000  # bytes of a form
PRIVATE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{pages.STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page is the key to it
    "Cache-Control": "no-store",
}
Form = dict[str, list[str]]


def routes(folder: Folder) -> list[Route]:
    """`/leave/…`, `/list/…` and `/confirm/…`."""
    return [
        Route(f"/{purpose}/{{token}}", partial(_answer, folder, page), methods=["GET", "POST"])
        for purpose, page in (
            (Purpose.LEAVE, _leave),
            (Purpose.PREFERENCES, _preferences),
            (Purpose.CONFIRM, _confirm),
        )
    ]


class _Visit:
    """One request: whose link it is, and what was sent."""

    def __init__(self, folder: Folder, desk: Database, token: str, form: Form | None) -> None:
        self.settings: Settings = folder.settings
        self.desk = desk
        self.token = token
        self.form = form  # None: a GET
        self.now: datetime = clock()
        self.links: Linker = linker(desk, folder.settings)
        self.language: str = folder.settings.general.language


Page = Callable[[_Visit], tuple[int, str]]


async def _answer(folder: Folder, page: Page, request: Request) -> Response:
    form: Form | None = None
    if request.method == "POST":
        try:
            body = await _body(request)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        if body is None:
            return PlainTextResponse("too long\n", 413)
        form = _form(body)
    token = str(request.path_params["token"])
    status, html = await run_in_threadpool(_visit, folder, page, token, form)
    return HTMLResponse(html, status, headers=PRIVATE_HEADERS)


async def _body(request: Request) -> bytes | None:
    kept = b""
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > LARGEST:
            return None
    return kept


def _form(body: bytes) -> Form:
    """An HTML form's fields; none of a body in another form, which only says "leave"."""
    try:
        return parse_qs(body.decode("utf-8"), max_num_fields=500)
    except (UnicodeDecodeError, ValueError):
        return {}


def _visit(folder: Folder, page: Page, token: str, form: Form | None) -> tuple[int, str]:
    with folder.desk() as desk:
        return page(_Visit(folder, desk, token, form))


def _leave(visit: _Visit) -> tuple[int, str]:
    """One edition, or all of them where the link names none. Never expires."""
    signed = visit.links.read(Purpose.LEAVE, visit.token)
    if signed is None:
        return 404, pages.forged(visit.language, _contact(visit.settings))
    if signed.recipient == TEST:
        return 200, pages.test_link(visit.language)
    row = people.by_number(visit.desk, signed.recipient)
    language = row.language if row else visit.language
    edition = _edition(visit.settings, signed.what)
    title = edition.title[language] if edition else ""  # type: ignore[index]  # one of four
    if signed.what == ALERTS:
        title = pages.alerts_title(language)
    contact = _contact(visit.settings, edition)
    on_it = row is not None and not row.removed and (not title or signed.what in row.editions)
    if visit.form is not None and on_it:
        people.leave(visit.desk, signed.recipient, signed.what, visit.now)
    if visit.form is not None or not on_it:
        return 200, pages.left(language, title, contact)
    # As old as this link: one that never ends must not open what does.
    other = visit.links.token(Purpose.PREFERENCES, signed.recipient, "", signed.made)
    return 200, pages.leaving(language, title, f"/{Purpose.PREFERENCES}/{other}")


def _preferences(visit: _Visit) -> tuple[int, str]:
    found = _whose(visit, Purpose.PREFERENCES, visit.settings.mail.link_days)
    if not isinstance(found, RecipientRow):
        return found
    note, status, language = "", 200, found.language
    if visit.form is not None:
        wanted = _wanted(visit.settings, found, visit.form)
        if not wanted.subscriptions:
            note, status = pages.nothing_chosen(language), 422
        else:
            people.change(visit.desk, found.id, wanted, visit.now)
            if any(one.edition == ALERTS for one in wanted.subscriptions):
                wished = alertpages.wished(visit.settings, visit.form)
                wishes.wish(visit.desk, found.id, wished, visit.now)
            found = people.by_number(visit.desk, found.id) or found
            language = found.language
            note = pages.saved(language)
    leave = f"/{Purpose.LEAVE}/{visit.links.token(Purpose.LEAVE, found.id, '', visit.now)}"
    shown = _shown(visit, found)
    return status, pages.preferences(language, shown, leave, note)


def _confirm(visit: _Visit) -> tuple[int, str]:
    found = _whose(visit, Purpose.CONFIRM, visit.settings.mail.confirm_days)
    if not isinstance(found, RecipientRow):
        return found
    named = titles(visit.settings, found)
    if visit.form is not None:
        consent.confirm(visit.desk, found.id, visit.now)
    if visit.form is not None or not found.awaited:
        return 200, pages.confirmed(found.language, named)
    return 200, pages.confirming(found.language, named)


def _whose(visit: _Visit, purpose: Purpose, days: int) -> RecipientRow | tuple[int, str]:
    """The recipient whose link it is, or the page that says why it does not work."""
    contact = _contact(visit.settings)
    signed: Signed | None = visit.links.read(purpose, visit.token)
    if signed is None:
        return 404, pages.forged(visit.language, contact)
    if signed.recipient == TEST:
        return 200, pages.test_link(visit.language)
    row = people.by_number(visit.desk, signed.recipient)
    if row is None or row.removed:
        return 200, pages.gone(row.language if row else visit.language, contact)
    if signed.expired(days, visit.now):
        leave = visit.links.token(Purpose.LEAVE, row.id, "", visit.now)
        return 410, pages.expired(row.language, contact, f"/{Purpose.LEAVE}/{leave}")
    return row


def _edition(settings: Settings, name: str) -> Edition | None:
    return next((one for one in settings.editions if one.id == name), None)


def _contact(settings: Settings, edition: Edition | None = None) -> str:
    return (edition or settings.editions[0]).contact


def _choices(settings: Settings, row: RecipientRow) -> list[Edition]:
    """The editions that they may choose: their own, and those that are open."""
    return [one for one in settings.editions if one.open or one.id in row.editions]


def _shown(visit: _Visit, row: RecipientRow) -> pages.Preferences:
    settings = visit.settings
    chosen = {one.edition: one.themes for one in row.subscriptions}
    language = row.language
    return pages.Preferences(
        hint=pages.hint(row.address),
        language=language,
        format=row.format,
        editions=tuple(
            pages.EditionChoice(
                id=one.id,
                title=one.title[language],  # type: ignore[index]  # one of four
                chosen=one.id in chosen,
                themes=tuple(
                    (theme.id, theme.labels[language])  # type: ignore[index]  # one of four
                    for theme in settings.sections(one)
                ),
                chosen_themes=chosen.get(one.id, ()),
            )
            for one in _choices(settings, row)
        ),
        alerts=alertpages.shown(settings, row, wishes.wish_of(visit.desk, row.id)),
    )


def _wanted(settings: Settings, row: RecipientRow, form: Form) -> Change:
    """What the form asks for, as far as it may; what it does not name stays."""
    language = form.get("language", [""])[0]
    written = form.get("format", [""])[0]
    subscriptions = []
    for one in _choices(settings, row):
        if one.id in form.get("edition", []):
            known = [theme.id for theme in settings.sections(one)]
            themes = set(form.get(f"theme.{one.id}", [])) & set(known)
            every = len(themes) == len(known)
            subscriptions.append(Subscription(one.id, () if every else tuple(sorted(themes))))
    if "yes" in form.get("alerts", []) and alertpages.may_choose(settings, row):
        subscriptions.append(Subscription(ALERTS))
    return Change(
        language=language if language in LANGUAGES else None,
        format=written if written in ("html", "text") else None,
        subscriptions=tuple(subscriptions),
    )
