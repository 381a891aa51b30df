"""`vigie demo`: the whole job, from feeds over HTTP to mail over SMTP, in a world of its own.

The demo's clock stands still at `NOW`, so that its quarter, its order and its bulletin are the same
whenever it is run.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from app.demo.people import recipients
from app.demo.server import WorldServer
from app.demo.settings import EDITION, write_settings
from app.demo.smtp import Outbox
from app.demo.summary import Summary, summarise
from app.folder import Folder
from app.pipeline import alerting, issuing, mailing
from app.pipeline.collect import Collected
from app.pipeline.run import turn
from app.progress import Progress, Silent
from vigie.archive import alerts as desk_alerts
from vigie.archive import articles, decisions, people
from vigie.archive import desk as desk_rows
from vigie.errors import ArchiveError
from vigie.model import Decision, DeliveryState, Edit, Issue, Verdict

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
QUARTER = "2026Q4"
WHO = "mc"
_MARK = ".vigie-demo"
_ALERTED = timedelta(days=30)  # how far back its one look for alerts goes


@dataclass(frozen=True, slots=True)
class Choice:
    """A verdict of the demo's coordinator on the main article of a story of the world."""

    story: str
    verdict: Verdict
    why: str


CHOICES = (
    Choice("hydrogene-port-jerome", Verdict.KEEP, "à présenter au comité énergie de décembre"),
    Choice("rumeur-eau-vesdre", Verdict.KEEP, "un démenti rapide dont s'inspirer"),
    Choice("guide-secrets-affaires", Verdict.KEEP, "à relayer auprès des entreprises"),
    Choice("barge-axe-seine", Verdict.KEEP, "intéresse les deux ports"),
    Choice("dieppe-cale", Verdict.REJECT, "sans suite pour les partenaires"),
)

NOTE = (  # what the coordinator says of the first of these in the issue
    ("comment", "L’enquête publique ouvre en janvier : les partenaires peuvent y contribuer."),
    ("credibility", "2"),
)


def demonstrate(home: Path, progress: Progress | None = None) -> Summary:
    """Run everything in `home`, with its summary.json. Raises ArchiveError for a used folder."""
    progress = progress or Silent()
    start = time.perf_counter()
    _clear(home)
    with WorldServer() as world, Outbox(home / "outbox") as outbox:
        write_settings(home, world.world, world.base_url, outbox.port)
        folder = Folder.at(home)
        collected, _ = turn(folder, NOW, progress)
        _decide(folder, world)
        _invite(folder)
        alerts = alert(folder, progress)
        issue = bulletin(folder, progress)
    seconds = time.perf_counter() - start
    summary = replace(_told(folder, collected, issue), alerts=alerts, seconds=seconds)
    text = json.dumps(asdict(summary), ensure_ascii=False, indent=2, default=str)
    (home / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


def bulletin(folder: Folder, progress: Progress) -> Issue:
    """Draft, note, publish, write and send the demo's issue."""
    settings = folder.settings
    with folder.lock(), folder.archive(NOW) as archive, folder.desk() as desk:
        issue = issuing.draft(archive, desk, settings, EDITION, QUARTER, NOW)
        said = [Edit(_kept(issue), field, value, WHO, NOW) for field, value in NOTE]
        issue = issuing.edit(archive, desk, settings, issue, said)
        files = issuing.publish(archive, desk, settings, issue, WHO, NOW)
        issuing.write_files(files, settings.paths.bulletin, settings.edition(EDITION).language)
        sent = mailing.send(folder, archive, desk, issue.id, NOW, progress)
    if sent.error:
        raise ArchiveError(f"the demo's mail server did not answer: {sent.error}")
    return issue


def _kept(issue: Issue) -> str:
    """The story of the first choice, by the coordinator's own words on it."""
    return next(item.story for item in issue.items if CHOICES[0].why in item.why)


def _invite(folder: Folder) -> None:
    with folder.desk() as desk:
        for person in recipients():
            people.add_recipient(desk, person, NOW)


def alert(folder: Folder, progress: Progress) -> int:
    """Alert on the last weeks of the world; gives how many messages left."""
    with folder.lock(), folder.archive(NOW) as archive, folder.desk() as desk:
        desk_alerts.begun(desk, NOW, _ALERTED)
        done = alerting.cycle(folder.settings, archive, desk, NOW, progress)
    return done.mail.counts[DeliveryState.SENT]


def _told(folder: Folder, collected: Collected, issue: Issue) -> Summary:
    with folder.reading() as archive, folder.desk() as desk:
        ledger = desk_rows.deliveries(desk, issue.id, issue.revision)
        return summarise(archive, folder.settings, collected, issue, ledger, _command())


def _decide(folder: Folder, world: WorldServer) -> None:
    """The coordinator's verdicts, as `vigie keep` and `vigie reject` would append them."""
    with folder.archive(NOW) as db:
        for choice in CHOICES:
            article = _article_of(db, world, choice.story)
            decisions.append(db, Decision(article, choice.verdict, WHO, NOW, choice.why))


def _article_of(db: Database, world: WorldServer, story: str) -> int:
    item = min(
        (item for item in world.world.items if item.story == story),
        key=lambda item: (item.published, item.id),
    )
    return articles.find(db, f"{world.base_url}/{item.feed}/{item.id}.html")


def _clear(home: Path) -> None:
    """A former demo is replaced; anything else that is there is left alone."""
    mark = home / _MARK
    if home.exists() and any(home.iterdir()):
        if not mark.exists():
            raise ArchiveError(
                f"{home} holds something that no demo wrote; name another folder with --dir"
            )
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _command() -> str:
    """How this person calls vigie: by name where it is on the path, else by where it stands."""
    if shutil.which("vigie"):
        return "vigie"
    beside = Path(sys.executable).with_name("vigie")
    try:
        return str(beside.relative_to(Path.cwd()))
    except ValueError:
        return str(beside)
