"""Sentences of our own: templates filled with names, and items labelled as they were written.

Most press that is open to training is old or of Wikipedia; these bring agencies, parties, courts,
ports and companies of today's news. Names of bodies and places come from config/gazetteer.toml, as
facts; people are made of a first name and a family name drawn apart.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from training.ner.passages import Passage
from vigie.schema import Entity

OWN = Path(__file__).with_name("own")
_SLOT = re.compile(r"\{(?:(le|de|du):)?([A-Za-z]+)\}")
_LABELLED = re.compile(r"\[([^\]|]+)\|([OLPM])\]")
_LETTERS = {"O": "ORG", "L": "LOC", "P": "PER"}
_VOWEL = re.compile(r"[aeiouyhâàéèêëîïôöûüœ]", re.IGNORECASE)
_SHE = frozenset(
    [
        "agence",
        "autorité",
        "direction",
        "commission",
        "cour",
        "banque",
        "chambre",
        "université",
        "société",
        "fédération",
        "région",
        "communauté",
        "caisse",
        "police",
        "sûreté",
        "préfecture",
        "haute",
        "mission",
        "croix",
        "ligue",
        "confédération",
        "délégation",
        "brigade",
        "gendarmerie",
        "sous-direction",
        "cellule",
        "centrale",
        "faculté",
        "école",
        "fondation",
        "plateforme",
        "ville",
        "province",
        "commune",
        "métropole",
        "défense",
        "garde",
        "marine",
        "sncf",
        "ratp",
        "bce",
        "bei",
        "cedeao",
        "cnil",
    ]
)
_PLACES = frozenset(("town", "country", "region"))
_NOT_A_NAME = frozenset(("product", "programme"))  # MISC: read as no name

_LISTS = {
    "first": "Camille Nadia Julien Élodie Karim Sophie Marc Anaïs Thierry Inès Olivier Fatou Hugo "
    "Mathilde Yannick Leïla Bruno Chloé Rachid Agathe Jean-Luc Marie-Claire Aurélien Salomé Denis "
    "Awa Guillaume Manon Éric Clémentine Baptiste Sandrine Mehdi Valérie Loïc Charlotte Xavier "
    "Aïcha Benoît Noémie Pascal Solène Vincent Jeanne Alexandre Zoé Michel Hélène Idris Pauline",
    "surname": "Delmotte Benhaddou Kerouedan Vasseur Traoré Lemoigne Castagnier Haddad Boucheron "
    "Peeters Dumesnil Ferreira Okafor Lagarrigue Thibodeau Merckx Zidouni Auvray Cornet Legrand "
    "Roussillon Da-Costa Belkacem Guérin Vandamme Lopez Marchetti Cauvin Desmarais Nguyen Tissier "
    "Lecointre Bouvard Sarkissian Fournel Hamidi Poirot Duchâtel Rey Morvan Diallo Wauters Blin",
    "nlfirst": "Sanne Joost Marieke Bram Fatima Wouter Lotte Pieter Anouk Hassan Femke Koen Ilse "
    "Jeroen Naima Tom Griet Maarten Els Youssef Hanneke Ruben Karin Daan Veerle Sjoerd Jan-Willem",
    "nlsurname": "de Vries|van den Broeck|Jansen|Bakkers|El Amrani|van der Meer|Hendriks|De Smedt|"
    "Claes|Mulder|Visser|Vermeulen|van Dijk|Bouzid|Kuipers|Dekker|De Clercq|ter Haar|Verhoeven|"
    "Yilmaz|van Leeuwen|Postma|Willems|Goossens|van 't Hof|Brouwer",
    "defirst": "Katrin Jürgen Anja Stefan Ayşe Uwe Miriam Lars Petra Torsten Heike Florian",
    "desurname": "Brandner|Köhler|Yıldırım|Petersen|Grünwald|von Ahlen|Schuster|Lindemann|Böhm",
    "club": "PSG|OM|Lens|Rennes|Le Havre AC|Lille|Lyon|Nantes|AS Monaco|Stade de Reims|Toulouse|"
    "Brest|Nice|Strasbourg|Montpellier|Clermont|Stade Rochelais|Stade français|Racing 92|"
    "Union bordelaise|Castres|Bayonne|Standard de Liège|Anderlecht|Club de Bruges|SM Caen|"
    "Quevilly-Rouen|Liverpool|Manchester City|Real Madrid|FC Barcelone|Juventus|Bayern Munich",
    "nlclub": "Ajax|PSV|Feyenoord|Vitesse|FC Utrecht|Heracles|NEC|Willem II|AZ|FC Twente|NAC|"
    "De Graafschap|Club Brugge|KRC Genk|AA Gent|Excelsior|PEC Zwolle|ADO Den Haag|RKC|Go Ahead",
    "declub": "Werder Bremen|Hertha BSC|1. FC Köln|Union Berlin|SC Freiburg|Mainz 05|Eintracht",
    "union": "CGT|CFDT|FO|Sud-Rail|Unsa|CFE-CGC|FSU|Confédération paysanne|Coordination rurale|"
    "FGTB|CSC|CGSP|CFTC|Medef|FDSEA|Solidaires|SNES-FSU|Alliance|MR-Jeunes",
    "nlunion": "FNV|CNV|ABVV|ACV|VCP|De Unie|ACOD|LTO|VNO-NCW|BOVAG",
    "deunion": "IG Metall|Verdi|GEW|EVG|IG BCE",
    "acronym": "ANSM|SGRS|VSSE|ENISA|OFB|Ademe|Urssaf|BNP|CNES|AFSCA|SNCB|OCAM|CERT-FR|DGSI|DGSE|"
    "Cnil|Arcep|Anssi|UNRWA|OMS|FMI|BCE|OCDE|AIEA|ESA|EDA|RTE|CNRS|Inserm|CPAS|STIB|BNB|CNE|TNO|"
    "RIVM|CBS|NCSC|AIVD|ACM|AFM|GGD|NS|KNMI|VRT|NAVO|OTAN|ONU|NASA|FBI|CIA|NSA|BSI|BKA|ADAC|HCR",
    "gang": "LockBit|BlackCat|Cl0p|Qilin|Sandworm|APT29|Lazarus|Anonymous Sudan|NoName057|Akira",
    "institute": "Ifop|Ipsos|Odoxa|Elabe|OpinionWay|Harris Interactive|Motivaction|Forsa|Kantar|"
    "Maurice de Hond|Asterès|Roland Berger|KPMG|McKinsey|Deloitte|Xerfi",
    "journal": "Nature|Science|The Lancet|Physical Review Letters|Cell|Polar Research",
    "startup": "Havrelia|Cyberquai|Neptulis|Datamel|Wattoria|Lumisens|Ferrelya|Qubisto|Zeewacht|"
    "Opalys|Brisecap|Novamer|Tidelab|Kwantix|Helioport|Marnys",
    "shop": "Blokker|Jumbo|Albert Heijn|Hema|Lidl|Action|Kruidvat|Colruyt|Delhaize|Bol.com",
    "nlschool": "De Regenboog|Sint-Janscollege|Rijnlands Lyceum|De Klimop|Montessori College",
    "street": "Victor-Hugo|de la République|Jean-Jaurès|du Gros-Horloge|de Paris|des Carmes",
    "nlstreet": "Kerkstraat|Stationsweg|Nieuwe Gracht|Lange Voorhout|Molenlaan|Havenstraat",
    "product": "Microsoft Edge|Google Chrome|Mozilla Firefox|Spring Framework|Apache Tomcat|"
    "Cisco IOS XE|FortiOS|VMware ESXi|GitLab|WordPress|Drupal core|Windows Server|Adobe Acrobat|"
    "PostgreSQL|OpenSSL|Juniper Junos OS|SAP NetWeaver|Citrix ADC|Zimbra|Joomla!|PHP|Android|"
    "Oracle Database|le noyau Linux|Microsoft Office|Apple iOS|Ivanti Connect Secure|Moodle|Nginx",
    "detown": "Köln|Dresden|Erfurt|Kiel|Mannheim|Saarbrücken|Rostock|Aachen|Ulm",
    "nltown": "Utrecht|Apeldoorn|Breda|Almelo|Zutphen|Hasselt|Kortrijk|Mechelen|Den Helder|"
    "Hoorn|Tilburg|Deventer|Assen|Vlissingen|Roermond|Aalst|Oostende|Alphen aan den Rijn|"
    "Bergen op Zoom|Nijmegen|Emmen|Purmerend|Sittard|Turnhout|Schiedam|Amersfoort",
}
_LABELS = {
    "first": "PER", "surname": "PER", "nlfirst": "PER", "nlsurname": "PER", "street": "",
    "detown": "LOC", "nltown": "LOC", "nlstreet": "LOC", "product": "", "programme": "",
    "journal": "ORG",
}  # fmt: skip
_PEOPLE = {
    "person": ("first", "surname"),
    "nlperson": ("nlfirst", "nlsurname"),
    "deperson": ("defirst", "desurname"),
}


class Names:
    """Names to fill slots with, by kind and language."""

    def __init__(self, gazetteer: Path, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._lists = {
            kind: text.split("|") if "|" in text else text.split() for kind, text in _LISTS.items()
        }
        self._listed: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for row in tomllib.loads(gazetteer.read_text("utf-8"))["entity"]:
            self._add(Entity(**row))

    def _add(self, entity: Entity) -> None:
        of_language = {str(code): name for code, name in entity.names.items()}
        for language in ("fr", "nl", "de", "en"):
            spellings = [of_language.get(language, entity.name)]
            if entity.label == "ORG":
                spellings += [spellings[0], *entity.aliases]
            self._listed[entity.kind, language] += [
                (spelling, entity.label)
                for spelling in spellings
                if not spelling.startswith("préfet")  # an office, not a body
            ]

    def draw(self, kind: str, language: str) -> tuple[str, str]:
        """A name of that kind and its label, "" for what is no name here."""
        if kind in _PEOPLE:
            first, last = _PEOPLE[kind]
            return f"{self._draw(first)} {self._draw(last)}", "PER"
        if kind == "MEDIA":
            return self.draw("media", language)[0].upper(), "ORG"
        if kind in self._lists:
            return self._draw(kind), _LABELS.get(kind, "ORG")
        name, label = self._random.choice(self._listed[kind, language])
        if kind in _NOT_A_NAME or label == "MISC":
            return name, ""
        return name, label

    def _draw(self, kind: str) -> str:
        return self._random.choice(self._lists[kind])


def own_templates(gazetteer: Path, seed: int, times: int) -> list[Passage]:
    """Each template filled `times` times."""
    names = Names(gazetteer, seed)
    passages: list[Passage] = []
    for line in (OWN / "templates.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        language, _, sentence = line.partition("\t")
        sentence, *fixed = sentence.split("|")
        varied = "{" in sentence
        passages += [
            _filled(language, sentence, fixed, names) for _ in range(times if varied else 2)
        ]
    return passages


def own_items() -> list[Passage]:
    """The items: [name|O], [name|L], [name|P]; [name|M] is no name here."""
    passages: list[Passage] = []
    for path in sorted(OWN.glob("items-*.txt")):
        language = path.stem.removeprefix("items-")
        for line in filter(None, path.read_text("utf-8").splitlines()):
            text, names, end = "", [], 0
            for name in _LABELLED.finditer(line):
                text += line[end : name.start()]
                if name[2] in _LETTERS:
                    names.append((len(text), len(text) + len(name[1]), _LETTERS[name[2]]))
                text += name[1]
                end = name.end()
            passages.append(Passage(text + line[end:], language, tuple(names), "own"))
    return passages


def _filled(language: str, sentence: str, fixed: Sequence[str], names: Names) -> Passage:
    text = ""
    spans: list[tuple[int, int, str]] = []
    end = 0
    for slot in _SLOT.finditer(sentence):
        text += sentence[end : slot.start()]
        name, label = names.draw(slot[2], language)
        article = _article(slot[1], name) if language == "fr" else ""
        if not text and article:
            article = article[0].upper() + article[1:]
        if not text and not article:
            name = name[0].upper() + name[1:]
        text += article
        if label:
            spans.append((len(text), len(text) + len(name), label))
        text += name
        end = slot.end()
    text += sentence[end:]
    for name, _, label in (one.partition("=") for one in fixed):
        start = text.index(name)
        spans += [(start, start + len(name), label)]
    return Passage(text, language, tuple(sorted(spans)), "own")


def _article(kind: str | None, name: str) -> str:
    if not kind:
        return ""
    vowel = bool(_VOWEL.match(name))
    if kind == "de":
        return "d'" if vowel else "de "
    she = name.split(maxsplit=1)[0].lower() in _SHE
    if kind == "le":
        return "l'" if vowel else "la " if she else "le "
    return "de l'" if vowel else "de la " if she else "du "
