"""Who wrote a page: by its data, by its byline, and who did not."""

from __future__ import annotations

import pytest

from collectors import bylines, markup, pagefacts

TITLE = "<h1>Le port accueille un nouveau terminal</h1>"
META = '<meta name="%s" content="%s">'
LINKED = '<script type="application/ld+json">%s</script>'


def author(body: str, head: str = "") -> str:
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    return pagefacts.of(markup.lean_tree(page.encode(), "text/html; charset=utf-8")).author


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ('<p>Par <a rel="author" href="/a">Anne Martin</a></p>', "Anne Martin"),
        ('<a rel="nofollow author">jmartin</a>', "jmartin"),
        ('<span itemprop="author">Jan Peeters</span>', "Jan Peeters"),
        (
            '<p itemprop="author"><a>Plus de</a><b itemprop="name">Jan Peeters</b></p>',
            "Jan Peeters",
        ),
        (
            '<p itemprop="author"><meta itemprop="name" content="Jan Peeters">De redactie</p>',
            "Jan Peeters",
        ),
        ('<meta itemprop="author" content="Jan Peeters">', "Jan Peeters"),
        ('<div class="byline">Door Jan Peeters | 12 maart 2026, 10:00</div>', "Jan Peeters"),
        ('<div class="article__byline">By Ann Lee on March 2</div>', "Ann Lee"),
        ('<span class="post-author vcard">Von: Uwe Groß am 3. März</span>', "Uwe Groß"),
        ('<p class="Article-authorName">Écrit par Zoé Hébert, 03/02/2026</p>', "Zoé Hébert"),
        ('<p class="auteur">Propos recueillis par Zoé Hébert</p>', "Zoé Hébert"),
        ('<p class="autorin">Text: Uwe Groß – Berlin</p>', "Uwe Groß"),
        ('<div class="submitted">Submitted by Ann Lee - 2 March</div>', "Ann Lee"),
        (
            '<p><a class="author">Anne Martin</a> et <a class="author">Zoé Hébert</a></p>',
            "Anne Martin, Zoé Hébert",
        ),
        (
            '<ul><li rel="author"><i>Anne Martin</i></li><li rel="author">Zoé Hébert</li></ul>',
            "Anne Martin, Zoé Hébert",
        ),
        ('<i class="author">Autre</i><i rel="author">Anne Martin</i>', "Anne Martin"),
    ],
)
def test_a_byline_names_its_authors(byline: str, names: str) -> None:
    assert author(f"<article>{TITLE}{byline}<p>Le texte.</p></article>") == names


@pytest.mark.parametrize(
    "markup_of_others",
    [
        '<ol class="comments"><li><b class="author">Un lecteur</b></li></ol>',
        '<aside><a rel="author">Autre Plume</a></aside>',
        '<figure><span class="author">Une Photographe</span></figure>',
        '<div class="related-posts"><span class="author">Autre Plume</span></div>',
        '<article class="node node-teaser"><span class="author">Autre Plume</span></article>',
        '<p class="author-bio">Anne Martin couvre les ports depuis dix ans.</p>',
        '<p class="author">' + "Anne Martin couvre les ports. " * 9 + "</p>",
        '<p class="author">Auteur</p><p class="byline">12 mars 2026</p>',
        '<p class="author">© Le Journal du port</p>',
        '<p class="author">Qui sommes-nous ?</p>',
        '<p class="coauthored-by-nobody">Anne Martin</p><p class="tutorial">Leçon</p>',
        '<p class="author"></p>',
    ],
)
def test_what_names_somebody_else_or_nobody_is_left(markup_of_others: str) -> None:
    assert author(f"<main>{TITLE}<p>Le texte.</p>{markup_of_others}</main>") == ""


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (META % ("citation_author", "A. Un") + META % ("citation_author", "B. Deux"),
         "A. Un, B. Deux"),
        (META % ("twitter:label1", "Écrit par") + META % ("twitter:data1", "A. Un"), "A. Un"),
        (META % ("twitter:label1", "Lecture") + META % ("twitter:data1", "3 min"), "Une Plume"),
        # WordPress names the author elsewhere in its graph.
        (LINKED % '{"@graph":[{"@type":"Article","author":{"@id":"#p"}},'
                  '{"@type":"Person","@id":"#p","name":"A. Un"}]}', "A. Un"),
        (LINKED % '{"@type":"Article","author":{"@id":["x"]}}', "Une Plume"),
        # The byline's person goes before the site in a person's place.
        (LINKED % '{"@type":"Article","author":{"@type":"Organization","name":"Le Port"}}',
         "Une Plume"),
        (LINKED % '{"@type":"Article","author":{"@type":"Person","name":"Le Port"},'
                  '"publisher":{"name":"Le  port"}}', "Une Plume"),
        ('<meta name="author" content="Le Port"><meta property="og:site_name" content="le port">',
         "Une Plume"),
    ],
)  # fmt: skip
def test_a_person_goes_before_a_site(head: str, names: str) -> None:
    assert author('<p class="byline">Par Une Plume</p>', head) == names


def test_a_site_is_named_where_no_person_is() -> None:
    said = LINKED % '{"@type":"Article","author":{"@type":"Organization","name":"Le Port"}}'
    assert author("<p>Le texte.</p>", said) == "Le Port"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Par Anne Martin avec AFP", "Anne Martin avec AFP"),
        ("Door Jan De Smet", "Jan De Smet"),
        ("De Smet Jan", "De Smet Jan"),
        ("Door Lies Op de Beeck op 3 maart", "Lies Op de Beeck"),
        ("Par Anne Le Goff le lundi 3 mars", "Anne Le Goff"),
        ("Un article de Maud Le Goff", "Maud Le Goff"),
        ("Anne Martin (à Caen)", "Anne Martin"),
        ("Le 3 mars 2026", ""),
        ("X", ""),
        ("un deux trois quatre cinq six sept huit neuf dix onze douze treize", ""),
    ],
)
def test_a_byline_is_cut_to_its_names(text: str, name: str) -> None:
    assert bylines.name(text) == name
