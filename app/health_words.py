"""The weekly health message in the desk's four languages: a health, said as a person would.

The sentences are made from the parts of a `Reason`, never translated from English. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType

from babel.dates import format_date, format_timedelta

from vigie.model import Failure, FailureKind, Health, HealthState

S, F = HealthState, FailureKind
COMMANDS: Mapping[HealthState, str] = MappingProxyType(
    {
        S.ILL: "check",
        S.REFUSED: "check",
        S.MOVED: "settle",
        S.PAUSED: "resume",
        S.LATE: "show",
        S.SILENT: "show",
        S.RETIRED: "show",
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """All that the message says in one language; {names} are filled in."""

    locale: str
    subject: tuple[str, str]  # for one source, for several
    subject_well: tuple[str, str]  # where all are well again
    hello: str
    intro: tuple[str, str]
    to_look_at: str
    well_again: str
    line: str
    since: str
    before: str
    quiet: str
    moved: str
    times: tuple[str, str]
    detail: str
    until: str
    until_resumed: str
    note: str
    commands: Mapping[str, str]
    all_of_them: str
    why_you: str
    states: Mapping[HealthState, str]
    failures: Mapping[FailureKind, str]
    statuses: Mapping[int, str]
    any_status: str


FR = Words(
    locale="fr",
    subject=("{name} : une source à regarder", "{name} : {count} sources à regarder"),
    subject_well=("{name} : une source va de nouveau bien", "{name} : {count} sources vont mieux"),
    hello="Bonjour {person},",
    intro=(
        "Une de vos sources a changé d'état depuis le dernier message.",
        "{count} de vos sources ont changé d'état depuis le dernier message.",
    ),
    to_look_at="À regarder",
    well_again="De nouveau en ordre",
    line="{title} ({id}) : {state}{since}{before}",
    since=" depuis le {date}",
    before=" (avant : {state})",
    quiet="Rien de nouveau depuis {quiet} ; écart habituel : {norm}.",
    moved="Elle est désormais lue à {url}.",
    times=("", " {count} échecs de suite."),
    detail="Détail technique : {detail}",
    until="Jusqu'au {date}.",
    until_resumed="Jusqu'à ce que quelqu'un la reprenne.",
    note="Raison notée : {note}",
    commands=MappingProxyType(
        {
            "check": "Pour l'interroger et chercher sa nouvelle adresse : {command}",
            "show": "Pour lire son histoire : {command}",
            "settle": "Pour inscrire la nouvelle adresse dans sources.toml : {command}",
            "resume": "Pour la reprendre : {command}",
        }
    ),
    all_of_them="Toutes vos sources : {command}",
    why_you="Vous recevez ce message parce que vous répondez de ces sources. Il n'est envoyé que\n"
    "lorsque quelque chose a changé.",
    states=MappingProxyType(
        {
            S.WELL: "va bien",
            S.NEW: "jamais interrogée",
            S.PAUSED: "en pause",
            S.MOVED: "à une nouvelle adresse",
            S.LATE: "en retard",
            S.SILENT: "muette",
            S.ILL: "malade",
            S.REFUSED: "nous refuse l'accès",
            S.RETIRED: "retirée",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "Le nom de son serveur est introuvable.",
            F.CONNECT: "Son serveur ne répond pas, ou coupe la connexion.",
            F.TLS: "Son certificat de sécurité n'est pas valable.",
            F.TIMEOUT: "Elle met trop longtemps à répondre.",
            F.TOO_LARGE: "Ce qu'elle envoie est trop volumineux.",
            F.REDIRECTS: "Elle renvoie d'adresse en adresse sans fin.",
            F.INSIDE: "Son adresse mène à un réseau interne, où Vigie ne va pas.",
            F.ROBOTS: "Son fichier robots.txt demande de ne pas la lire.",
            F.LOGIN: "La boîte aux lettres refuse le compte ou le mot de passe.",
            F.NOT_A_FEED: "À son adresse il n'y a plus de flux.",
            F.EMPTY: "Elle répond par un document vide.",
            F.MALFORMED: "Ce qu'elle envoie est illisible.",
            F.HOSTILE: "Ce qu'elle envoie ressemble à une attaque.",
            F.NO_LINKS: "Sa page ne contient plus de liste d'articles reconnaissable.",
            F.FOLDER: "Son dossier n'est pas là, ou ne peut être lu.",
            F.CRASHED: "Sa lecture s'est arrêtée sur une erreur de Vigie.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "Elle demande un mot de passe (401).",
            403: "Elle refuse l'accès (403).",
            404: "Son adresse n'existe plus (404).",
            410: "Son serveur la dit supprimée pour de bon (410).",
            429: "Elle dit que nous l'interrogeons trop souvent (429).",
            451: "Elle refuse l'accès pour des raisons légales (451).",
            500: "Son serveur est en panne ({status}).",
        }
    ),
    any_status="Son serveur répond par le code {status}.",
)
NL = Words(
    locale="nl",
    subject=("{name}: één bron te bekijken", "{name}: {count} bronnen te bekijken"),
    subject_well=("{name}: één bron weer in orde", "{name}: {count} bronnen weer in orde"),
    hello="Dag {person},",
    intro=(
        "De toestand van een van uw bronnen is veranderd sinds het vorige bericht.",
        "De toestand van {count} van uw bronnen is veranderd sinds het vorige bericht.",
    ),
    to_look_at="Te bekijken",
    well_again="Weer in orde",
    line="{title} ({id}): {state}{since}{before}",
    since=" sinds {date}",
    before=" (daarvoor: {state})",
    quiet="Al {quiet} niets nieuws; gewone tussentijd: {norm}.",
    moved="Ze wordt nu gelezen op {url}.",
    times=("", " {count} keer na elkaar mislukt."),
    detail="Technisch detail: {detail}",
    until="Tot {date}.",
    until_resumed="Tot iemand ze hervat.",
    note="Genoteerde reden: {note}",
    commands=MappingProxyType(
        {
            "check": "Om ze te bevragen en haar nieuwe adres te zoeken: {command}",
            "show": "Om haar verhaal te lezen: {command}",
            "settle": "Om het nieuwe adres in sources.toml te zetten: {command}",
            "resume": "Om ze te hervatten: {command}",
        }
    ),
    all_of_them="Al uw bronnen: {command}",
    why_you="U krijgt dit bericht omdat u verantwoordelijk bent voor deze bronnen. Het wordt\n"
    "alleen verstuurd als er iets veranderd is.",
    states=MappingProxyType(
        {
            S.WELL: "in orde",
            S.NEW: "nog nooit bevraagd",
            S.PAUSED: "gepauzeerd",
            S.MOVED: "op een nieuw adres",
            S.LATE: "te laat",
            S.SILENT: "stil",
            S.ILL: "ziek",
            S.REFUSED: "weigert ons de toegang",
            S.RETIRED: "uit dienst",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "De naam van haar server is onvindbaar.",
            F.CONNECT: "Haar server antwoordt niet, of verbreekt de verbinding.",
            F.TLS: "Haar beveiligingscertificaat is niet geldig.",
            F.TIMEOUT: "Ze doet er te lang over om te antwoorden.",
            F.TOO_LARGE: "Wat ze stuurt is te groot.",
            F.REDIRECTS: "Ze verwijst eindeloos door van adres naar adres.",
            F.INSIDE: "Haar adres leidt naar een intern netwerk, waar Vigie niet komt.",
            F.ROBOTS: "Haar robots.txt vraagt om ze niet te lezen.",
            F.LOGIN: "De mailbox weigert de gebruiker of het wachtwoord.",
            F.NOT_A_FEED: "Op haar adres staat geen feed meer.",
            F.EMPTY: "Ze antwoordt met een leeg document.",
            F.MALFORMED: "Wat ze stuurt is onleesbaar.",
            F.HOSTILE: "Wat ze stuurt lijkt op een aanval.",
            F.NO_LINKS: "Op haar pagina is geen lijst van artikelen meer te herkennen.",
            F.FOLDER: "Haar map is er niet, of kan niet gelezen worden.",
            F.CRASHED: "Het lezen stopte door een fout van Vigie.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "Ze vraagt een wachtwoord (401).",
            403: "Ze weigert de toegang (403).",
            404: "Haar adres bestaat niet meer (404).",
            410: "Volgens haar server is ze voorgoed verwijderd (410).",
            429: "Ze zegt dat we haar te vaak bevragen (429).",
            451: "Ze weigert de toegang om wettelijke redenen (451).",
            500: "Haar server heeft een storing ({status}).",
        }
    ),
    any_status="Haar server antwoordt met code {status}.",
)
DE = Words(
    locale="de",
    subject=("{name}: eine Quelle zu prüfen", "{name}: {count} Quellen zu prüfen"),
    subject_well=("{name}: eine Quelle wieder in Ordnung", "{name}: {count} Quellen wieder gut"),
    hello="Guten Tag {person},",
    intro=(
        "Der Zustand einer Ihrer Quellen hat sich seit der letzten Nachricht geändert.",
        "Der Zustand von {count} Ihrer Quellen hat sich seit der letzten Nachricht geändert.",
    ),
    to_look_at="Zu prüfen",
    well_again="Wieder in Ordnung",
    line="{title} ({id}): {state}{since}{before}",
    since=" seit dem {date}",
    before=" (vorher: {state})",
    quiet="Seit {quiet} nichts Neues; üblicher Abstand: {norm}.",
    moved="Sie wird jetzt unter {url} gelesen.",
    times=("", " {count} Fehlschläge in Folge."),
    detail="Technische Einzelheit: {detail}",
    until="Bis zum {date}.",
    until_resumed="Bis jemand sie wieder aufnimmt.",
    note="Vermerkter Grund: {note}",
    commands=MappingProxyType(
        {
            "check": "Um sie abzufragen und ihre neue Adresse zu suchen: {command}",
            "show": "Um ihre Geschichte zu lesen: {command}",
            "settle": "Um die neue Adresse in sources.toml einzutragen: {command}",
            "resume": "Um sie wieder aufzunehmen: {command}",
        }
    ),
    all_of_them="Alle Ihre Quellen: {command}",
    why_you="Sie erhalten diese Nachricht, weil Sie für diese Quellen zuständig sind. Sie wird\n"
    "nur verschickt, wenn sich etwas geändert hat.",
    states=MappingProxyType(
        {
            S.WELL: "in Ordnung",
            S.NEW: "noch nie abgefragt",
            S.PAUSED: "pausiert",
            S.MOVED: "an neuer Adresse",
            S.LATE: "verspätet",
            S.SILENT: "stumm",
            S.ILL: "gestört",
            S.REFUSED: "verweigert uns den Zugang",
            S.RETIRED: "eingestellt",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "Der Name ihres Servers ist nicht zu finden.",
            F.CONNECT: "Ihr Server antwortet nicht oder bricht die Verbindung ab.",
            F.TLS: "Ihr Sicherheitszertifikat ist nicht gültig.",
            F.TIMEOUT: "Sie braucht zu lange für eine Antwort.",
            F.TOO_LARGE: "Was sie schickt, ist zu groß.",
            F.REDIRECTS: "Sie leitet endlos von Adresse zu Adresse weiter.",
            F.INSIDE: "Ihre Adresse führt in ein internes Netz, das Vigie nicht betritt.",
            F.ROBOTS: "Ihre robots.txt bittet darum, sie nicht zu lesen.",
            F.LOGIN: "Das Postfach weist Benutzer oder Kennwort zurück.",
            F.NOT_A_FEED: "Unter ihrer Adresse steht kein Feed mehr.",
            F.EMPTY: "Sie antwortet mit einem leeren Dokument.",
            F.MALFORMED: "Was sie schickt, ist nicht lesbar.",
            F.HOSTILE: "Was sie schickt, sieht nach einem Angriff aus.",
            F.NO_LINKS: "Auf ihrer Seite ist keine Artikelliste mehr zu erkennen.",
            F.FOLDER: "Ihr Ordner fehlt oder lässt sich nicht lesen.",
            F.CRASHED: "Das Lesen endete mit einem Fehler von Vigie.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "Sie verlangt ein Kennwort (401).",
            403: "Sie verweigert den Zugang (403).",
            404: "Ihre Adresse gibt es nicht mehr (404).",
            410: "Ihr Server meldet sie als endgültig gelöscht (410).",
            429: "Sie meldet, dass wir zu oft anfragen (429).",
            451: "Sie verweigert den Zugang aus rechtlichen Gründen (451).",
            500: "Ihr Server ist gestört ({status}).",
        }
    ),
    any_status="Ihr Server antwortet mit dem Code {status}.",
)
EN = Words(
    locale="en_GB",
    subject=("{name}: one source to look at", "{name}: {count} sources to look at"),
    subject_well=("{name}: one source is well again", "{name}: {count} sources are well again"),
    hello="Hello {person},",
    intro=(
        "The state of one of your sources has changed since the last message.",
        "The state of {count} of your sources has changed since the last message.",
    ),
    to_look_at="To look at",
    well_again="Well again",
    line="{title} ({id}): {state}{since}{before}",
    since=" since {date}",
    before=" (before: {state})",
    quiet="Nothing new for {quiet}; usually there is something every {norm}.",
    moved="It is now read at {url}.",
    times=("", " {count} failures in a row."),
    detail="Technical detail: {detail}",
    until="Until {date}.",
    until_resumed="Until someone resumes it.",
    note="Reason noted: {note}",
    commands=MappingProxyType(
        {
            "check": "To ask it and look for its new address: {command}",
            "show": "To read its story: {command}",
            "settle": "To write the new address to sources.toml: {command}",
            "resume": "To resume it: {command}",
        }
    ),
    all_of_them="All your sources: {command}",
    why_you="You receive this message because you answer for these sources. It is sent only when\n"
    "something has changed.",
    states=MappingProxyType(
        {
            S.WELL: "well",
            S.NEW: "never polled",
            S.PAUSED: "paused",
            S.MOVED: "at a new address",
            S.LATE: "late",
            S.SILENT: "silent",
            S.ILL: "ill",
            S.REFUSED: "refuses us",
            S.RETIRED: "retired",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "The name of its server cannot be found.",
            F.CONNECT: "Its server does not answer, or breaks the connection off.",
            F.TLS: "Its security certificate is not valid.",
            F.TIMEOUT: "It takes too long to answer.",
            F.TOO_LARGE: "What it sends is too large.",
            F.REDIRECTS: "It leads from address to address without end.",
            F.INSIDE: "Its address leads into an internal network, where Vigie does not go.",
            F.ROBOTS: "Its robots.txt asks not to read it.",
            F.LOGIN: "The mailbox refuses the user or the password.",
            F.NOT_A_FEED: "There is no feed at its address any more.",
            F.EMPTY: "It answers with an empty document.",
            F.MALFORMED: "What it sends cannot be read.",
            F.HOSTILE: "What it sends looks like an attack.",
            F.NO_LINKS: "No list of articles can be made out on its page any more.",
            F.FOLDER: "Its folder is not there, or cannot be read.",
            F.CRASHED: "Reading it stopped at a fault of Vigie's own.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "It asks for a password (401).",
            403: "It refuses access (403).",
            404: "Its address is gone (404).",
            410: "Its server says that it is gone for good (410).",
            429: "It says that we ask too often (429).",
            451: "It refuses access for legal reasons (451).",
            500: "Its server is out of order ({status}).",
        }
    ),
    any_status="Its server answers with code {status}.",
)
LANGUAGES: Mapping[str, Words] = MappingProxyType({"fr": FR, "nl": NL, "de": DE, "en": EN})


def sentence(words: Words, health: Health, before: HealthState, title: str) -> str:
    """How a source is, since when, and how it was."""
    since = words.since.format(date=_day(words, health.since)) if health.since else ""
    return words.line.format(
        title=title,
        id=health.source,
        state=words.states[health.state],
        since=since,
        before=words.before.format(state=words.states[before]),
    )


def reasons(words: Words, health: Health) -> list[str]:
    """Why, in sentences; [] for a source that is well."""
    reason, told = health.reason, []
    if reason is None or health.state is HealthState.WELL:
        return []
    if reason.failure:
        several = reason.times > 1
        told.append(
            _failure(words, reason.failure) + words.times[several].format(count=reason.times)
        )
        told.append(words.detail.format(detail=reason.failure.detail))
    elif health.state is HealthState.PAUSED:
        until = words.until.format(date=_day(words, reason.until)) if reason.until else ""
        told.append(until or words.until_resumed)
    if reason.quiet is not None and reason.norm is not None:
        spans = _span(words, reason.quiet), _span(words, reason.norm)
        told.append(words.quiet.format(quiet=spans[0], norm=spans[1]))
    if reason.moved_to:
        told.append(words.moved.format(url=reason.moved_to))
    if reason.note and not reason.failure:
        told.append(words.note.format(note=reason.note))
    return told


def _failure(words: Words, failure: Failure) -> str:
    if failure.kind in words.failures:
        return words.failures[failure.kind]
    exact = words.statuses.get(failure.status)
    if exact is None and failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        exact = words.statuses[HTTPStatus.INTERNAL_SERVER_ERROR]
    return (exact or words.any_status).format(status=failure.status)


def _day(words: Words, moment: datetime | date | None) -> str:
    return format_date(moment, "long", locale=words.locale)


def _span(words: Words, seconds: float) -> str:
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=words.locale)
