"""Numbers in figures and in words, in four languages."""

from __future__ import annotations

import pytest

from enrich.numerals import numbers


@pytest.mark.parametrize(
    "text",
    [
        "Vesdre : quarante-huit capteurs",
        "achtenveertig meetpunten",
        "Achtundvierzig Messstellen",
        "forty-eight gauges",
        "48 Stellen",
    ],
)
def test_one_number_is_written_in_one_way(text: str) -> None:
    assert numbers(text) == {"48"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vingt et un morts", {"21"}),
        ("vingt-et-une communes", {"21"}),
        ("soixante et onze maires", {"71"}),
        ("soixante-dix ans", {"70"}),
        ("septante-deux heures, nonante euros", {"72", "90"}),
        ("quatre-vingts logements", {"80"}),
        ("quatre-vingt-dix-sept voix", {"97"}),
        ("dix-huit mois", {"18"}),
        ("trente tués, six blessés", {"30", "6"}),
        ("tweeëndertig sensoren, veertien dagen", {"32", "14"}),
        ("fünfundzwanzig Gemeinden, dreißig Tage", {"25", "30"}),
        ("twenty-one towns, nineteen days", {"21", "19"}),
        ("1 100 figurants, 2.500 euros, 3,7 millions", {"1100", "2500", "3.7"}),
        ("une commune, un maire", set()),
        ("", set()),
    ],
)
def test_numbers_below_a_hundred_are_read_whole(text: str, said: set[str]) -> None:
    assert numbers(text) == said
