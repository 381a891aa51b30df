"""The doctrine of enrich.grouping, case by case, and what must never happen."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from enrich.grouping import Thresholds, Window, revision, thresholds
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem, Placement
from vigie.schema import Grouping

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)

BACKGROUND = (
    ("Le port de Dieppe rouvre sa forme de radoub", "Des bateaux de service y seront réparés."),
    ("Concours de soupes à Lisieux", "Quatorze cuisiniers ont tenu les marmites sous la halle."),
    ("Vernon plante trois cents arbres en ville", "Des chênes et des tilleuls, surtout."),
    ("La bibliothèque d'Alençon ouvre le dimanche", "Une demande ancienne des lecteurs."),
    ("Un funiculaire neuf pour Le Tréport", "Les cabines ont été livrées par bateau."),
    ("Fécamp : le musée des pêcheries agrandi", "Une aile nouvelle montre les doris."),
    ("Randonneurs égarés en forêt d'Eawy", "Ils ont dormi dans une cabane de bûcheron."),
    ("Haras du Pin : une pouliche vendue cher", "L'acheteur vient d'Irlande."),
    ("Le marathon de Cherbourg change de tracé", "Il passera désormais par la rade."),
    ("Bernay restaure son abbatiale", "Les échafaudages resteront dix-huit mois."),
)


def item(
    article: int,
    title: str,
    summary: str = "",
    *,
    source: str = "ouest",
    language: str = "fr",
    hours: float = 0.0,
    entities: frozenset[str] = frozenset(),
) -> GroupingItem:
    published = NOON + timedelta(hours=hours)
    lead = f"{title}\n{summary}".strip()
    return GroupingItem(article, source, published, language, title, lead, entities)


@pytest.fixture(scope="module")
def embedder() -> GroupingVectors:
    texts = [text_of(title, summary, "") for title, summary in BACKGROUND]
    return GroupingVectors(TfidfEmbedder.fit(texts))


def vector(embedder: GroupingVectors, one: GroupingItem) -> np.ndarray:
    summary = one.lead.removeprefix(one.title).strip()
    return embedder.encode([text_of(one.title, summary, "")])[0]


def placed(embedder: GroupingVectors, *items: GroupingItem, days: float = 7.0) -> list[Placement]:
    """The items placed one after the other in a window that knows the background."""
    window = Window(Grouping(window_days=days))
    for number, (title, summary) in enumerate(BACKGROUND, start=1_000):
        other = item(number, title, summary, source=f"autre-{number}", hours=-1)
        window.place(other, vector(embedder, other))
    return [window.place(one, vector(embedder, one)) for one in items]


TANKER = (
    "Un pétrolier s'échoue devant Ouistreham sans polluer",
    (
        "Le pétrolier Brise-Lames s'est échoué dans la nuit sur un banc de sable devant "
        "Ouistreham. Aucune fuite n'a été constatée par les douanes qui survolent la zone."
    ),
)

SHARED = "Des élus se sont réunis samedi à la sous-préfecture pour parler de leurs territoires."

DUPLICATES = {
    "the same text at two addresses": (TANKER, TANKER),
    "the same text with a new title word": (
        TANKER,
        ("EN IMAGES. " + TANKER[0], TANKER[1]),
    ),
    "a text that was cut": (TANKER, (TANKER[0], TANKER[1][:100])),
    "a title put in another order": (
        ("Opération escargot jeudi matin sur l'A13 vers Caen", "Les taxis préparent un convoi."),
        ("Jeudi matin, opération escargot sur l'A13 vers Caen", "Les taxis préparent un convoi."),
    ),
    "a dispatch under another source's own title": (
        TANKER,
        ("Calvados : un pétrolier sur un banc de sable, aucune fuite", TANKER[1]),
    ),
    "one wire title at two publishers over leads of their own": (
        ("Le maire de Fécamp condamné à deux ans de prison avec sursis", "Il va faire appel."),
        (
            "Fécamp : le maire condamné à deux ans de prison avec sursis",
            "Rouen a suivi le parquet.",
        ),
    ),
    "a title corrected by one letter": (
        ("Le préfet de l'Eure interdit les feux de plein air", "La sécheresse dure."),
        ("Le préfet de l'Eure interdit les feux en plein air", "La sécheresse dure encore."),
    ),
}

NOT_DUPLICATES = {
    "a follow-up with a new toll": (
        ("Explosion à Oissel : trois blessés", "Trois ouvriers ont été blessés dans l'usine."),
        ("Explosion à Oissel : cinq blessés", "Cinq ouvriers ont été blessés dans l'usine."),
    ),
    "one description under other matter at another source": (
        ("Les maires ruraux réclament des médecins", SHARED),
        ("Une course de tracteurs anime le comice", SHARED),
    ),
    "the same form for another town": (
        ("Météo à Honfleur : pluie et vent ce soir", "Sortez couverts, dit le service."),
        ("Météo à Yvetot : pluie et vent ce soir", "Sortez couverts, dit le service."),
    ),
    "a rubric over other matter": (
        ("Le direct", "Les éleveurs bloquent la rocade de Rouen depuis l'aube."),
        ("Le direct", "La flamme du souvenir est ravivée à Courseulles par des lycéens."),
    ),
    "another subject in the same words": (
        ("La région aide la filière du lin", "Une subvention est votée en commission."),
        ("La région aide la filière du bois", "Une subvention est votée en commission."),
    ),
    "nothing in common": (TANKER, ("Une pâtisserie primée à Falaise", "Ses choux ont plu.")),
    "two empty items": (("", ""), ("", "")),
    "two items of one common word": (("Photos", ""), ("Photos", "")),
}


NOT_AT_TWO_PUBLISHERS = {
    "a wire title with another number": (
        ("Le maire de Fécamp condamné à deux ans de prison avec sursis", "Il va faire appel."),
        ("Le maire de Fécamp condamné à 3 ans de prison avec sursis", "La cour d'appel a jugé."),
    ),
    "a wire title of another town": (
        ("Le département de l'Orne placé en vigilance orange pluie et crue", "Il a plu."),
        ("Le département de l'Eure placé en vigilance orange pluie et crue", "L'eau monte."),
    ),
}


@pytest.mark.parametrize("name", NOT_AT_TWO_PUBLISHERS)
def test_is_not_one_wire_title(name: str, embedder: GroupingVectors) -> None:
    one, other = NOT_AT_TWO_PUBLISHERS[name]
    _, second = placed(embedder, item(1, *one), item(2, *other, source="fil", hours=2))
    assert second.group == second.article, second.group_why


@pytest.mark.parametrize("name", DUPLICATES)
def test_is_a_near_duplicate(name: str, embedder: GroupingVectors) -> None:
    one, other = DUPLICATES[name]
    first, second = placed(embedder, item(1, *one), item(2, *other, source="fil", hours=2))
    assert second.group == first.article, second.group_why
    assert second.group_neighbour == first.article
    assert second.group_neighbour == 1
    assert "like its nearest" in second.group_why
    assert second.story == first.story


@pytest.mark.parametrize("name", NOT_DUPLICATES)
def test_is_not_a_near_duplicate(name: str, embedder: GroupingVectors) -> None:
    one, other = NOT_DUPLICATES[name]
    _, second = placed(embedder, item(1, *one), item(2, *other, hours=2))
    assert second.group == second.article, second.group_why
    assert second.group_neighbour is None


def test_one_description_under_three_interviews_of_a_source_makes_no_group(
    embedder: GroupingVectors,
) -> None:
    lead = "Le ministre était l'invité de la matinale pour parler du budget et de la rentrée."
    titles = ("Nous tiendrons nos promesses", "L'école doit changer de rythme", "Il faut épargner")
    placements = placed(embedder, *(item(n, title, lead) for n, title in enumerate(titles, 1)))
    assert [placement.group for placement in placements] == [1, 2, 3]


def test_a_sentence_that_a_source_puts_under_everything_does_not_count(
    embedder: GroupingVectors,
) -> None:
    foot = "Chaque jour retrouvez toute l'actualité de votre territoire avec nos équipes."
    titles = (
        "Marché nocturne à Gisors",
        "Travaux quai Vendeuvre",
        "Foire aux harengs",
        "Bac fermé",
    )
    placements = placed(embedder, *(item(n, title, foot) for n, title in enumerate(titles, 1)))
    assert [placement.group for placement in placements] == [1, 2, 3, 4]
    assert placements[3].story == 4, placements[3].story_why


def test_a_group_does_not_chain(embedder: GroupingVectors) -> None:
    """Each item keeps half of the one before: neighbours are alike, the ends are not."""
    words = [
        f"{first}{last}" for first in "bdfglmnprt" for last in ("aron", "eluc", "ivane", "osque")
    ]
    items = []
    for number in range(12):
        part = words[number * 2 : number * 2 + 8]
        items.append(item(number + 1, " ".join(part[:4]), " ".join(part), source=f"s{number}"))
    placements = placed(embedder, *items)
    assert placements[-1].group != 1
    assert placements[-1].story != 1


def test_five_thousand_items_of_one_rubric_do_not_become_one_group(
    embedder: GroupingVectors,
) -> None:
    """Here 300, for time: the rule looks at the title, not at how many there are."""
    seeds = random.Random(5)
    letters = "abcdefghilmnoprstuv"
    items = []
    for number in range(1, 301):
        words = ("".join(seeds.choices(letters, k=9)) for _ in range(8))
        items.append(item(number, "Le direct", " ".join(words)))
    placements = placed(embedder, *items)
    assert len({placement.group for placement in placements}) == 300
    assert len({placement.story for placement in placements}) > 290


STORIES = {
    "a reaction of the next day": (
        TANKER,
        (
            "Pétrolier échoué à Ouistreham : le préfet maritime rassure",
            "Le Brise-Lames reste droit.",
        ),
        20,
    ),
    "the same event told by another paper": (
        TANKER,
        (
            "Ouistreham : le Brise-Lames coincé sur un banc de sable",
            "Le pétrolier attend la marée.",
        ),
        3,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_is_one_story(name: str, embedder: GroupingVectors) -> None:
    one, other, hours = STORIES[name]
    first, second = placed(embedder, item(1, *one), item(2, *other, source="fil", hours=hours))
    assert second.story == first.story, second.story_why
    assert second.group == 2
    assert second.story_neighbour == 1
    assert "near its nearest" in second.story_why
    assert "ouistreham" in second.story_why.lower() or "brise" in second.story_why


def test_an_event_meets_its_account_in_another_language(embedder: GroupingVectors) -> None:
    there = frozenset({"ouistreham", "douanes"})
    nl = item(
        2,
        "Tanker Brise-Lames aan de grond bij Ouistreham",
        "De tanker ligt sinds vannacht op een zandbank; er is geen lek.",
        source="kust",
        language="nl",
        hours=4,
        entities=there,
    )
    first, second = placed(embedder, item(1, *TANKER, entities=there), nl)
    assert second.story == first.story, second.story_why
    assert second.group == 2
    assert "in fr" in second.story_why


def test_one_shared_town_is_no_event_in_another_language(embedder: GroupingVectors) -> None:
    nl = item(2, "Kerstmarkt in Ouistreham", "Kraampjes en glühwein.", language="nl", hours=4)
    _, second = placed(embedder, item(1, *TANKER), nl)
    assert second.story == 2, second.story_why


def test_nothing_outside_the_window_is_looked_at(embedder: GroupingVectors) -> None:
    late = item(2, *TANKER, source="fil", hours=24 * 8)
    _, second = placed(embedder, item(1, *TANKER), late)
    assert (second.group, second.story) == (2, 2)


def test_two_numbers_of_a_series_are_two_stories(embedder: GroupingVectors) -> None:
    one, two = "Horoscope du jour pour le Bélier", "Horoscope du jour pour le Taureau"
    _, second = placed(embedder, item(1, one, "Prévisions."), item(2, two, "Prévisions."))
    assert (second.group, second.story) == (2, 2), second.story_why


def test_a_placement_does_not_depend_on_the_order_of_what_lies_around(
    embedder: GroupingVectors,
) -> None:
    known = [item(n, *pair, hours=n) for n, pair in enumerate((TANKER, *BACKGROUND), 1)]
    alone = Placement(0, 0, None, 0.0, "", 0, None, 0.0, "")
    results = set()
    for seed in range(5):
        window = Window(Grouping())
        for one in random.Random(seed).sample(known, len(known)):
            mine = Placement(one.article, one.article, None, 0.0, "", one.article, None, 0.0, "")
            window.add(one, vector(embedder, one), mine)
        new = item(99, "Pétrolier échoué à Ouistreham : rien à craindre", hours=6, source="x")
        results.add(window.place(new, vector(embedder, new)))
    assert alone not in results
    assert len(results) == 1


def test_a_placement_does_not_depend_on_what_lies_out_of_reach(embedder: GroupingVectors) -> None:
    """As when a killed run starts again and reads back only the days that matter."""
    new = item(99, "Pétrolier échoué à Ouistreham : rien à craindre", hours=6, source="x")
    start, end = Window(Grouping()).reach(new.published)
    stream = [item(n, *TANKER, source=f"s{n}", hours=-24 * n) for n in range(30, 0, -1)]
    stream += [item(100 + n, "Le direct", f"autre {n}", hours=-30 * n) for n in range(20, 0, -1)]
    whole = Window(Grouping())
    known = [(one, whole.place(one, vector(embedder, one))) for one in stream]
    again = Window(Grouping())
    for one, where in known:
        if start <= one.published < end:
            again.add(one, vector(embedder, one), where)
    assert len(again) < len(whole)
    assert again.place(new, vector(embedder, new)) == whole.place(new, vector(embedder, new))


def test_an_article_is_taken_in_once(embedder: GroupingVectors) -> None:
    window = Window(Grouping())
    one = item(1, *TANKER)
    window.place(one, vector(embedder, one))
    assert 1 in window
    assert len(window) == 1
    with pytest.raises(ValueError, match="already"):
        window.place(one, vector(embedder, one))


def test_nearness_of_any_two_articles_is_what_placing_decides_by(embedder: GroupingVectors) -> None:
    window = Window(Grouping())
    whole = (TANKER, (TANKER[0], "Le pétrolier attend la marée."), BACKGROUND[1])
    for number, (title, summary) in enumerate(whole, 1):
        one = item(number, title, summary, source=f"autre-{number}")
        window.place(one, vector(embedder, one))
    assert window.nearness(2, 1) >= 1.0 > window.nearness(3, 1)
    with pytest.raises(KeyError):
        window.nearness(1, 9)


def test_vectors_of_another_length_are_refused() -> None:
    window = Window(Grouping())
    window.place(item(1, *TANKER), np.zeros(8, dtype=np.float32))
    with pytest.raises(ValueError, match="8"):
        window.place(item(2, *TANKER), np.zeros(9, dtype=np.float32))


def test_what_matters_to_an_item_is_whole_days() -> None:
    start, end = Window(Grouping(window_days=2)).reach(NOON)
    assert start == datetime(2026, 11, 1, tzinfo=UTC)
    assert end == datetime(2026, 11, 6, tzinfo=UTC)


def test_settings_override_the_thresholds() -> None:
    assert thresholds(Grouping()) == Thresholds()
    mine = thresholds(Grouping(near_duplicate=0.9, story=0.5))
    assert (mine.near_duplicate, mine.story) == (0.9, 0.5)


@pytest.mark.parametrize("title", ["", " ", "…", "\x00", "🎉🎉", "١٢٣", "x" * 100_000])
def test_any_text_is_placed(title: str, embedder: GroupingVectors) -> None:
    (only,) = placed(embedder, item(1, title, title))
    assert only.article == only.group == only.story == 1


def test_other_figures_and_other_rules_are_other_revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = revision(Grouping())
    assert revision(Grouping(story=0.3)) != ours
    monkeypatch.setattr("enrich.grouping.rules.RULES", 99)
    assert revision(Grouping()) != ours
