"""Rules: what makes a theme, what does not, what the reason says."""

import pytest

from enrich.themes import ThemeReader
from vigie.model import Mention, ReadingJob, ThemeHit
from vigie.schema import Entity, Rules, Theme


def labels(name: str) -> dict[str, str]:
    return dict.fromkeys(("fr", "nl", "de", "en"), name)


CYBER = Theme(
    id="cyber",
    labels=labels("Cyber"),
    entities=("anssi", "ccb"),
    rules={
        "fr": Rules.model_validate(
            {
                "any": ["rançongiciel", "cyberattaque*", "fuite de données"],
                "two": ["mot de passe", "piratage", "serveur*", "serveur informatique"],
                "not": ["jeu vidéo"],
            }
        ),
        "nl": Rules(any=("*aanval",), two=("wachtwoord", "wachtwoord*")),
    },
)
WIND = Theme(id="eolien", labels=labels("Éolien"), rules={"fr": Rules(any=("éolien*",))})


def job(title: str = "", summary: str = "", text: str = "", declared: str = "") -> ReadingJob:
    return ReadingJob(1, 1, title, summary, text, declared)


def mention(entity: str, field: str = "text") -> Mention:
    return Mention(entity, entity.upper(), "ORG", entity.upper(), field, 0, 3, "")


@pytest.fixture(scope="module")
def reader() -> ThemeReader:
    return ThemeReader((CYBER, WIND))


MATCHES = {
    "one phrase of any is enough": (
        job("Un rançongiciel à l'hôpital"),
        "fr",
        "title: rançongiciel",
    ),
    "case and accents do not count": (job("RANCONGICIEL"), "fr", "title: RANCONGICIEL"),
    "a star ends a word": (job("Des cyberattaques"), "fr", "title: cyberattaques"),
    "a star begins a word": (job("Zware cyberaanval"), "nl", "title: cyberaanval"),
    "a phrase of several words": (
        job("", "Fuite  de données !"),
        "fr",
        "summary: Fuite de données",
    ),
    "two different phrases of two": (
        job("Piratage d'un serveur"),
        "fr",
        "title: Piratage, serveur",
    ),
    "two phrases in different fields": (
        job("Piratage", "Changez de mot de passe"),
        "fr",
        "title: Piratage; summary: mot de passe",
    ),
    "the declared language's rules where none was read": (
        job("rançongiciel", declared="fr-BE"),
        "und",
        "title: rançongiciel",
    ),
}

NO_MATCH = {
    "one phrase of two alone": (job("Un piratage"), "fr"),
    "one phrase of two twice": (job("Piratage, piratage"), "fr"),
    "two phrases on the same word": (job("wachtwoord"), "nl"),
    "a longer phrase and the word in it": (job("un serveur informatique"), "fr"),
    "a phrase of not anywhere": (job("Rançongiciel", "", "dans ce jeu vidéo"), "fr"),
    "a part of a word": (job("antirançongiciels"), "fr"),
    "words in another order": (job("données de fuite"), "fr"),
    "rules of another language": (job("rançongiciel"), "nl"),
    "a language without rules": (job("rançongiciel"), "es"),
    "nothing": (job(), "fr"),
}


@pytest.mark.parametrize("name", MATCHES)
def test_is_of_the_theme(name: str, reader: ThemeReader) -> None:
    text, language, why = MATCHES[name]
    (hit,) = reader.read(text, language, ())
    assert hit.theme == "cyber"
    assert hit.why == why
    assert 0 < hit.score < 1


@pytest.mark.parametrize("name", NO_MATCH)
def test_is_not_of_the_theme(name: str, reader: ThemeReader) -> None:
    text, language = NO_MATCH[name]
    assert reader.read(text, language, ()) == ()


def only(hits: tuple[ThemeHit, ...]) -> ThemeHit:
    (hit,) = hits
    return hit


def test_two_entities_of_the_list_are_enough(reader: ThemeReader) -> None:
    hit = only(reader.read(job("x"), "fr", [mention("anssi"), mention("ccb", "title")]))
    assert hit.why == "title: CCB; text: ANSSI"
    assert hit.score == pytest.approx(1 - 0.6 * 0.8)


def test_one_entity_twice_is_one_entity(reader: ThemeReader) -> None:
    assert reader.read(job("x"), "fr", [mention("anssi"), mention("anssi", "title")]) == ()


def test_one_entity_and_one_phrase_of_two_are_enough(reader: ThemeReader) -> None:
    assert only(reader.read(job("Piratage"), "fr", [mention("anssi")])).why == (
        "title: Piratage; text: ANSSI"
    )


def test_a_title_weighs_more_than_a_text_and_two_phrases_more_than_one(
    reader: ThemeReader,
) -> None:
    title = only(reader.read(job("rançongiciel"), "fr", ())).score
    text = only(reader.read(job(text="rançongiciel"), "fr", ())).score
    both = only(reader.read(job("rançongiciel, cyberattaque"), "fr", ())).score
    assert (title, text) == (0.7, 0.35)
    assert both == pytest.approx(1 - 0.3 * 0.3)


def test_the_surest_theme_comes_first(reader: ThemeReader) -> None:
    hits = reader.read(job("Éolienne", "", "cyberattaque"), "fr", ())
    assert [hit.theme for hit in hits] == ["eolien", "cyber"]


def test_the_revision_follows_the_rules_and_not_the_labels() -> None:
    renamed = CYBER.model_copy(update={"labels": labels("Sécurité")})
    changed = CYBER.model_copy(update={"rules": {}})
    revision = ThemeReader((CYBER,)).revision
    assert ThemeReader((renamed,)).revision == revision
    assert ThemeReader((changed,)).revision != revision


# ------------------------------------------------------------------ stems, NEAR, places, NOT

SYNTAX = {
    "a stem, in the plural": ("vulnérabilité~", "fr", "Des vulnérabilités", True),
    "a stem, of a verb": ("exporter~", "fr", "Ils exportaient du blé", True),
    "a stem, in Dutch": ("investering~", "nl", "Nieuwe investeringen", True),
    "a stem is no beginning": ("port~", "fr", "Un portail", False),
    "near, in order": ("drone* NEAR/3 port", "fr", "Des drones survolent le port", True),
    "near, the other way": ("drone* NEAR/3 port", "fr", "Au port, deux drones", True),
    "not so near": ("drone* NEAR/2 port", "fr", "Des drones loin au nord du port", False),
    "near in another field only": ("drone* NEAR/9 quai", "fr", "Des drones", False),
    "a phrase near a phrase": (
        "mise en demeure NEAR/4 fuite de données",
        "fr",
        "Fuite de données : une mise en demeure",
        True,
    ),
    "not near, and it is": ("pont NOT NEAR/2 mai", "fr", "Le pont de mai", False),
    "not near, and it is not": ("pont NOT NEAR/2 mai", "fr", "Le pont de Tancarville", True),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_what_phrases_may_say(name: str) -> None:
    phrase, language, title, expected = SYNTAX[name]
    theme = Theme(
        id="essai",
        labels=labels("Essai"),
        rules={language: Rules.model_validate({"any": [phrase]})},
    )
    found = ThemeReader((theme,)).read(job(title, "au bord du quai"), language, ())
    assert bool(found) is expected


WRONG = {
    "a NEAR/x b": "NEAR/5",
    "a NEAR/99 b": "from 1 to 50",
    "a NEAR b": "NEAR/5",
    "NEAR/5 b": "both sides",
    "a NEAR/5": "both sides",
    "...": "a word to look for",
    "cy*ber": "a star at the beginning or the end",
    "en~": "three letters",
}


@pytest.mark.parametrize("phrase", WRONG)
def test_a_phrase_that_cannot_be_read_says_how_it_is_written(phrase: str) -> None:
    with pytest.raises(ValueError, match=WRONG[phrase]):
        Rules.model_validate({"any": [phrase]})


PLACES = (
    Entity(id="rouen", label="LOC", names={"fr": "Rouen"}, nuts="FRD22"),
    Entity(id="gent", label="LOC", names={"fr": "Gand"}, nuts="BE234"),
)


def test_places_are_weak_evidence_and_within_is_a_condition() -> None:
    rules = {"fr": Rules(any=("quai",), two=("grue*",))}
    weak = Theme(id="normandie", labels=labels("N"), places=("FRD",), rules=rules)
    bound = Theme(id="ports", labels=labels("P"), within=("FRD",), rules=rules)
    reader = ThemeReader((weak, bound), PLACES)
    rouen, gent = mention("rouen", "title"), mention("gent", "title")
    assert only(reader.read(job("Une grue"), "fr", [rouen])).theme == "normandie"
    assert reader.read(job("Une grue"), "fr", [gent]) == ()
    assert {hit.theme for hit in reader.read(job("Le quai"), "fr", [rouen])} == {
        "normandie",
        "ports",
    }
    assert [hit.theme for hit in reader.read(job("Le quai"), "fr", [gent])] == ["normandie"]


def test_what_a_phrase_of_not_keeps_away_is_told(reader: ThemeReader) -> None:
    hits, ruled_out = reader.judge(job("Rançongiciel", "", "dans ce jeu vidéo"), "fr", ())
    assert hits == ()
    assert [(hit.theme, hit.score, hit.why) for hit in ruled_out] == [
        ("cyber", 0.0, "ruled out by text: jeu vidéo")
    ]
