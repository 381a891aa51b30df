"""Words as the readers compare them: folded, cut, and without what every text has.

Everything here is pure and knows four languages; other languages are cut the same way.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain

WORD = re.compile(r"[^\W_]+(?:[.,](?=\d)[^\W_]+)*")
_MARK = r"\.(?!\d)|[!?\n«»\"“”:|]"  # a word behind it has a capital in any case
_WORD_OR_MARK = re.compile(rf"{WORD.pattern}|{_MARK}")
_MARKS = frozenset('.!?\n«»"“”:|')
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufeff\ud800-\udfff]"
)
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": "'", "‘": "'", "ʼ": "'"}
)

# Articles, prepositions, pronouns, auxiliaries, days and months, and the words that news titles
# use as furniture: what two texts share of these says nothing about their matter.
_STOP = """
a afin ai ainsi alors apres au aucun aujourd aussi autre autres aux avaient avait avant avec avoir
c car ce ceci cela celle celles celui ces cet cette ceux chaque chez comme comment contre d dans de
depuis des deux deja dit doit doivent donc dont du elle elles en encore entre est et etaient etait
etant ete etre eu eux fait faire faut font hier hui ici il ils j jusqu jusque l la le les leur leurs
lors lorsque lui m mais me meme memes moins mon n ne ni nos notre nous on ont ou par parmi pas
pendant peu peut peuvent plus pour pourquoi pourrait pourraient qu quand que quel quelle quelles
quelque quels qui quoi sa sans se selon sera seront ses si soit son sont sous sur t tant tel telle
tous tout toute toutes tres trop un une vers via voici voila vont y
aan achter al alle als ander andere bij binnen boven daar dan dat de den der deze die dit dus door
een echter eerder eigen en er gaat geen gisteren haar had hadden hebben heeft hem het hier hij hoe
hun iets ik in is je kan kunnen maar man meer men met mijn moet moeten na naar niet nieuw nieuwe nog
nu of om omdat onder ons ook op over rond sinds te tegen ten ter tijdens toch toe tot tussen uit
van vandaag vanaf veel verder via volgens voor vooral waar wanneer want waren was wat we welke werd
werden wie wil worden wordt zal ze zich zijn zo zonder zou zouden zij
ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis
da damit dann das dass dem den denn der des deren dessen die dies diese diesem diesen dieser dieses
doch dort durch ein eine einem einen einer eines er es etwa fur gegen gibt hat hatte hatten haben
heute ich ihm ihn ihr ihre ihrem ihren ihrer im immer in ins ist ja jetzt kann kein keine konnen man
mehr mit muss mussen nach nicht noch nun nur ob oder ohne sei sein seine seinem seinen seiner seit
sich sie sind so soll sollen sowie uber um und uns unter vom von vor war waren was wegen weil weiter
wenn wer werden wie will wir wird wo wurde wurden zu zum zur zwischen
about after again against all also among an and any are as at be because been before being between
both but by can could did do does during each for from further get gets had has have he her here him
his how i if in into is it its just may might more most must my new no nor not now of off on once
one only or other our out over own s said same say says she should so some such than that the their
them then there these they this those through to too under until up us very was we were what when
where which while who whom why will with within would yet you your
lundi mardi mercredi jeudi vendredi samedi dimanche maandag dinsdag woensdag donderdag vrijdag
zaterdag zondag montag dienstag mittwoch donnerstag freitag samstag sonntag monday tuesday wednesday
thursday friday saturday sunday
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre januari
februari maart april mei juni juli augustus september oktober november december januar februar marz
august dezember january february march june july october
video videos photo photos direct live replay exclusif decryptage entretien interview info infos
edito reportage recit analyse podcast liveblog update breaking
"""
STOP = frozenset(_STOP.split())

_TABLED = 0x2200  # code points below have their folding in a table: letters, accents, punctuation


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case, without accents, ligatures opened, straight apostrophes.

    The folding is that of SQLite FTS5's `remove_diacritics 2`, near enough for a reader to find by
    search what a rule has matched.
    """
    if text.isascii():
        return text.lower()
    if ord(max(text)) < _TABLED:
        return text.translate(_folded())
    return _fold_any(text)


def _fold_any(text: str) -> str:
    opened = text.casefold().translate(_LETTERS)
    parts = unicodedata.normalize("NFKD", opened)
    return "".join(char for char in parts if not unicodedata.combining(char))


@lru_cache(maxsize=1)
def _folded() -> dict[int, str]:
    """The folding of every character below `_TABLED`: `str.translate` is ten times quicker."""
    return {code: _fold_any(chr(code)) for code in range(_TABLED)}


def without_controls(text: str) -> str:
    """The same text, each control, invisible or half character a space: offsets stay true."""
    return _CONTROL.sub(" ", text)


def content_words(text: str) -> list[str]:
    """The text's words in their order, folded, without stop words and single letters.

    A final plural `s` or `x` of words over four letters is dropped: enough for French, Dutch and
    English plurals to meet, too little to make two words one.
    """
    return content_words_folded(fold_long(text))


def content_words_folded(text: str) -> list[str]:
    """`content_words` of a text that is folded already."""
    return contents(WORD.findall(text))


def contents(words: list[str]) -> list[str]:
    """Those of a text's folded words that say something, as they are compared."""
    return list(filter(None, map(content, words)))


@lru_cache(maxsize=65_536)
def content(word: str) -> str:
    """A folded word as texts are compared by it; "" for one that says nothing."""
    if word in STOP or (len(word) == 1 and not word.isdigit()):
        return ""
    if len(word) > 4 and word[-1] in "sx" and word[-2] != "s":
        return word[:-1]
    return word


def names(text: str) -> frozenset[str]:
    """Folded words that the text writes with a capital where a common word would have none.

    A word after a full stop or at the start counts only where it stands so elsewhere too, or is
    all capitals of two letters or more. German, where all nouns have capitals, gives its nouns: the
    comparison across languages keeps those that the other text has as well.
    """
    if text.isupper():
        return frozenset()
    words = _WORD_OR_MARK.findall(text)
    found = [
        word
        for before, word in zip(chain(".", words), words, strict=False)
        if word[0].isupper() and (before not in _MARKS or (len(word) > 1 and word.isupper()))
    ]
    return frozenset(filter(None, map(_name, found)))


@lru_cache(maxsize=65_536)
def _name(word: str) -> str:
    """A word with a capital as names are compared, "" for a stop word or a single letter."""
    folded = fold(word)
    return folded if folded not in STOP and len(folded) > 1 else ""


def fold_long(text: str) -> str:
    """`fold`, without filling its memory with whole texts."""
    return fold.__wrapped__(text)
