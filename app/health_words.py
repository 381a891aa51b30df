"""The words of the weekly health message in the desk's four languages.

Each language says it in its own way: nothing is translated word by word from another.
`app.health_sentences` fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vigie.model import FailureKind, HealthState

S, F = HealthState, FailureKind


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
    subject_well=(
        "{name} : une source va de nouveau bien",
        "{name} : {count} sources vont de nouveau bien",
    ),
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
            F.NOT_A_FEED: "Il n'y a plus de flux à son adresse.",
            F.EMPTY: "Elle répond par un document vide.",
            F.MALFORMED: "Ce qu'elle envoie est illisible.",
            F.HOSTILE: "Ce qu'elle envoie ressemble à une attaque.",
            F.NO_LINKS: "Sa page ne contient plus de liste d'articles reconnaissable.",
            F.FOLDER: "Son dossier n'existe pas ou ne peut être lu.",
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
    subject=("{name}: één bron vraagt aandacht", "{name}: {count} bronnen vragen aandacht"),
    subject_well=("{name}: één bron weer in orde", "{name}: {count} bronnen weer in orde"),
    hello="Dag {person},",
    intro=(
        "Sinds het vorige bericht is de toestand van een van uw bronnen veranderd.",
        "Sinds het vorige bericht is de toestand van {count} van uw bronnen veranderd.",
    ),
    to_look_at="Vraagt aandacht",
    well_again="Weer in orde",
    line="{title} ({id}): {state}{since}{before}",
    since=" sinds {date}",
    before=" (eerder: {state})",
    quiet="Al {quiet} niets nieuws; gebruikelijke tussentijd: {norm}.",
    moved="Vigie leest nu {url}.",
    times=("", " Al {count} mislukte pogingen na elkaar."),
    detail="Technische melding: {detail}",
    until="Tot {date}.",
    until_resumed="Tot iemand de bron weer inschakelt.",
    note="Opgegeven reden: {note}",
    commands=MappingProxyType(
        {
            "check": "Om de bron te testen en een nieuw adres te zoeken: {command}",
            "show": "Om te lezen wat er gebeurd is: {command}",
            "settle": "Om het nieuwe adres in sources.toml op te nemen: {command}",
            "resume": "Om de bron weer in te schakelen: {command}",
        }
    ),
    all_of_them="Al uw bronnen: {command}",
    why_you="U krijgt dit bericht omdat u voor deze bronnen verantwoordelijk bent. Het wordt\n"
    "alleen verstuurd als er iets veranderd is.",
    states=MappingProxyType(
        {
            S.WELL: "in orde",
            S.NEW: "nog nooit geraadpleegd",
            S.PAUSED: "gepauzeerd",
            S.MOVED: "op een nieuw adres",
            S.LATE: "later dan gewoonlijk",
            S.SILENT: "stil",
            S.ILL: "werkt niet",
            S.REFUSED: "weigert de toegang",
            S.RETIRED: "stopgezet",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "De naam van de server is onvindbaar.",
            F.CONNECT: "De server antwoordt niet of verbreekt de verbinding.",
            F.TLS: "Het beveiligingscertificaat is niet geldig.",
            F.TIMEOUT: "De server doet er te lang over om te antwoorden.",
            F.TOO_LARGE: "Het antwoord is te groot.",
            F.REDIRECTS: "De server blijft eindeloos doorverwijzen.",
            F.INSIDE: "Het adres leidt naar een intern netwerk, en daar komt Vigie niet.",
            F.ROBOTS: "In robots.txt staat dat deze bron niet gelezen mag worden.",
            F.LOGIN: "De mailbox weigert de gebruikersnaam of het wachtwoord.",
            F.NOT_A_FEED: "Op dit adres staat geen feed meer.",
            F.EMPTY: "Het antwoord is leeg.",
            F.MALFORMED: "Het antwoord is onleesbaar.",
            F.HOSTILE: "Het antwoord lijkt op een aanval.",
            F.NO_LINKS: "Op de pagina is geen lijst met artikelen meer te herkennen.",
            F.FOLDER: "De map bestaat niet of kan niet gelezen worden.",
            F.CRASHED: "Het lezen is gestopt door een fout in Vigie zelf.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "De server vraagt een wachtwoord (401).",
            403: "De server weigert de toegang (403).",
            404: "Het adres bestaat niet meer (404).",
            410: "Volgens de server is de bron voorgoed verwijderd (410).",
            429: "Volgens de server komen we te vaak langs (429).",
            451: "De server weigert de toegang om juridische redenen (451).",
            500: "De server heeft een storing ({status}).",
        }
    ),
    any_status="De server antwoordt met code {status}.",
)
DE = Words(
    locale="de",
    subject=("{name}: eine Quelle zu prüfen", "{name}: {count} Quellen zu prüfen"),
    subject_well=(
        "{name}: eine Quelle wieder in Ordnung",
        "{name}: {count} Quellen wieder in Ordnung",
    ),
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
    subject=("{name}: one source needs a look", "{name}: {count} sources need a look"),
    subject_well=("{name}: one source is well again", "{name}: {count} sources are well again"),
    hello="Hello {person},",
    intro=(
        "The state of one of your sources has changed since the last message.",
        "The state of {count} of your sources has changed since the last message.",
    ),
    to_look_at="Needs a look",
    well_again="Well again",
    line="{title} ({id}): {state}{since}{before}",
    since=" since {date}",
    before=" (previously: {state})",
    quiet="Nothing new for {quiet}; the usual gap is {norm}.",
    moved="It is now read from {url}.",
    times=("", " {count} failures in a row."),
    detail="Technical detail: {detail}",
    until="Until {date}.",
    until_resumed="Until someone resumes it.",
    note="Reason given: {note}",
    commands=MappingProxyType(
        {
            "check": "To test it and look for a new address: {command}",
            "show": "To read its history: {command}",
            "settle": "To put the new address into sources.toml: {command}",
            "resume": "To resume it: {command}",
        }
    ),
    all_of_them="All your sources: {command}",
    why_you="You receive this message because you are responsible for these sources. It is only\n"
    "sent when something has changed.",
    states=MappingProxyType(
        {
            S.WELL: "well",
            S.NEW: "never polled",
            S.PAUSED: "paused",
            S.MOVED: "at a new address",
            S.LATE: "late",
            S.SILENT: "silent",
            S.ILL: "ill",
            S.REFUSED: "refusing us access",
            S.RETIRED: "retired",
        }
    ),
    failures=MappingProxyType(
        {
            F.DNS: "Its server's name cannot be found.",
            F.CONNECT: "Its server does not answer, or drops the connection.",
            F.TLS: "Its security certificate is not valid.",
            F.TIMEOUT: "It takes too long to answer.",
            F.TOO_LARGE: "What it sends is too large.",
            F.REDIRECTS: "It keeps redirecting from address to address.",
            F.INSIDE: "Its address leads into an internal network, where Vigie does not go.",
            F.ROBOTS: "Its robots.txt asks us not to read it.",
            F.LOGIN: "The mailbox rejects the user name or the password.",
            F.NOT_A_FEED: "There is no longer a feed at its address.",
            F.EMPTY: "It answers with an empty document.",
            F.MALFORMED: "What it sends cannot be read.",
            F.HOSTILE: "What it sends looks like an attack.",
            F.NO_LINKS: "Its page no longer shows a list of articles that we can recognise.",
            F.FOLDER: "Its folder does not exist or cannot be read.",
            F.CRASHED: "Vigie itself failed while reading it.",
        }
    ),
    statuses=MappingProxyType(
        {
            401: "It asks for a password (401).",
            403: "Its server refuses us access (403).",
            404: "Its address no longer exists (404).",
            410: "Its server says that it has been removed for good (410).",
            429: "Its server says that we ask too often (429).",
            451: "Its server refuses access for legal reasons (451).",
            500: "Its server is failing ({status}).",
        }
    ),
    any_status="Its server answers with code {status}.",
)
LANGUAGES: Mapping[str, Words] = MappingProxyType({"fr": FR, "nl": NL, "de": DE, "en": EN})
