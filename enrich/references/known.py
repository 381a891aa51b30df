"""Acts that the press calls by a name: CELEX numbers and French law numbers. Data.

A line: number | name | shapes, with ` ; ` between. A shape is a regular expression of whole words,
in its case: acronyms count in capitals alone. What is also a common word stands with the word that
makes it an act ("directive CER") or under its language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_EU = r"""
32022L2555 | Directive NIS 2 | NIS[ -]?2 ; NIS[ -]?II ; SRI[ -]?2
32016L1148 | Directive NIS | NIS[ -]?1
32016R0679 | RGPD | RGPD ; GDPR ; DS-?GVO ; Datenschutz-?[Gg]rundverordnung
32016R0679 | RGPD | [Rr]èglement général sur la protection des données
32016R0679 | RGPD | [Aa]lgemene [Vv]erordening [Gg]egevensbescherming
32016R0679 | RGPD | [Gg]eneral [Dd]ata [Pp]rotection [Rr]egulation
32024R1689 | AI Act | AI[ -]Act ; IA[ -]Act ; AI-(?:verordening|wet) ; KI-(?:Verordnung|Gesetz)
32024R1689 | AI Act | [Rr]èglement (?:européen )?sur l['’](?:IA|intelligence artificielle)
32022R2065 | DSA | DSA(?!-\d) ; Digital Services Act ; [Dd]igitaledienstenverordening
32022R2065 | DSA | [Rr]èglement sur les services numériques ; Gesetz über digitale Dienste
32022R1925 | DMA | DMA ; Digital Markets Act ; [Dd]igitalemarktenverordening
32022R1925 | DMA | [Rr]èglement sur les marchés numériques ; Gesetz über digitale Märkte
32022R2554 | DORA | DORA ; Digital Operational Resilience Act
32022L2557 | Directive CER | [Dd]irective (?:CER|REC) ; CER-?(?:richtlijn|Richtlinie|directive)
32022L2557 | Directive CER | CER [Dd]irective
32024R2847 | Cyber Resilience Act | Cyber[ -]?[Rr]esilience Act ; [Cc]yberweerbaarheidsverordening
32024R2847 | Cyber Resilience Act | [Rr]èglement (?:sur la )?cyber-?résilience
32024R2847 | Cyber Resilience Act | Cyberresilienz(?:gesetz|-?[Vv]erordnung)
32025R0038 | Cyber Solidarity Act | Cyber[ -]?[Ss]olidarity Act
32025R0038 | Cyber Solidarity Act | [Rr]èglement (?:sur la )?cyber-?solidarité
32019R0881 | Cybersecurity Act | Cyber[ -]?[Ss]ecurity Act
32022R0868 | Data Governance Act | Data Governance Act
32023R2854 | Data Act | (?:EU )?Data Act ; [Rr]èglement sur les données ; [Dd]ataverordening
32023R1781 | Chips Act | (?:European |EU )?Chips Act ; [Cc]hipverordening ; Chip-Gesetz
32024R1252 | Critical Raw Materials Act | Critical Raw Materials Act ; CRMA
32024R1735 | Net-Zero Industry Act | Net[ -]Zero Industry Act ; NZIA
32024R1183 | eIDAS 2 | eIDAS[ -]?2(?:\.0)?
32014R0910 | eIDAS | eIDAS(?![ -]?2)
32022L2464 | CSRD | CSRD
32024L1760 | CSDDD | CSDDD ; CS3D
32023R1114 | MiCA | MiCAR?
32006R1907 | REACH | (?:[Rr]èglement|[Vv]erordening|[Vv]erordnung) REACH
32006R1907 | REACH | REACH-(?:verordening|Verordnung) ; REACH(?: [Rr]egulation)?
32002L0058 | Directive ePrivacy | e-?[Pp]rivacy[ -](?:[Dd]irective|richtlijn|Richtlinie)
32002L0058 | Directive ePrivacy | [Dd]irective e-?[Pp]rivacy
32022R2560 | Foreign Subsidies Regulation | Foreign Subsidies Regulation
32023R2675 | Anti-Coercion Instrument | Anti[ -][Cc]oercion [Ii]nstrument
32023R2675 | Anti-Coercion Instrument | [Ii]nstrument anti-?coercition
32024R1083 | European Media Freedom Act | European Media Freedom Act ; EMFA
32023R0956 | CBAM | CBAM ; MACF ; CO2-Grenzausgleich\w*
32015L2366 | PSD2 | DSP[ -]?2 ; PSD[ -]?2
32023R1115 | EUDR | EUDR
32014L0065 | MiFID II | MiFID (?:II|2)
32009L0138 | Solvency II | Solvabilité (?:II|2) ; Solvency (?:II|2) ; Solvabilität II
32023L2413 | RED III | RED[ -]?III
32024R1991 | Nature Restoration Law | [Nn]ature [Rr]estoration (?:[Ll]aw|[Rr]egulation)
32024R1991 | Nature Restoration Law | [Nn]atuurherstel(?:wet|verordening)
32019L1937 | Whistleblower Directive | [Ww]histleblower (?:[Dd]irective|[Pp]rotection [Dd]irective)
32021R0821 | Dual-Use Regulation | [Dd]ual[ -][Uu]se [Rr]egulation ; [Dd]ual-use-verordening
32019R0452 | FDI Screening Regulation | FDI [Ss]creening [Rr]egulation
"""
_EU_IN = {
    "nl": r"32016R0679 | RGPD | AVG",
    "fr": r"32016L1148 | Directive NIS | [Dd]irective NIS(?![ -]?[12I])",
}
_FRENCH = r"""
2016-1691 | Loi Sapin II | [Ll]oi Sapin (?:2|II)
2019-486 | Loi PACTE | [Ll]oi (?:PACTE|Pacte)
78-17 | Loi Informatique et libertés | [Ll]oi [Ii]nformatique et [Ll]ibertés
2024-449 | Loi SREN | [Ll]oi (?:SREN|Sren)
2021-1104 | Loi Climat et résilience | [Ll]oi [Cc]limat et [Rr]ésilience
2020-105 | Loi AGEC | [Ll]oi (?:AGEC|Agec)
68-678 | Loi de blocage | [Ll]oi de blocage
2017-399 | Loi sur le devoir de vigilance | [Ll]oi (?:sur le )?devoir de vigilance
2018-670 | Loi sur le secret des affaires | [Ll]oi (?:sur le )?secret des affaires
2023-175 | Loi APER | [Ll]oi (?:APER|Aper)
2023-973 | Loi Industrie verte | [Ll]oi [Ii]ndustrie verte
2018-938 | Loi EGalim | [Ll]oi (?:EGalim|Egalim|EGALIM)(?! [23I])
2015-991 | Loi NOTRe | [Ll]oi (?:NOTRe|NOTRE|Notre)
2023-703 | LPM 2024-2030 | LPM 2024[-–]2030
2018-1021 | Loi ELAN | [Ll]oi (?:ELAN|Elan)
"""

# One of these stands in every name above: looking for them is a hundred times cheaper.
HINTS = (
    *("NIS", "SRI", "RGPD", "GDPR", "GVO", "AVG", "DSA", "DMA", "DORA", "CER", "Act", "AI-"),
    *("KI-", "rundverordnung", "protection des données", "egevensbescherming", "egulation"),
    *("irective", "èglement", "erordening", "esetz über", "richtlijn", "Richtlinie"),
    *("Cyberresilienz", "hipver", "Chip-G", "CRMA", "NZIA", "eIDAS", "CSRD", "CSDDD", "CS3D"),
    *("MiCA", "REACH", "nstrument", "EMFA", "CBAM", "MACF", "Grenzausgleich", "DSP", "PSD"),
    *("EUDR", "MiFID", "olvabilit", "olvency", "RED", "estoration", "herstel", "dienstenver"),
    *("marktenver", "yberweerbaar", "ataver", "Dual", "dual", "oi ", "LPM", "erordnung"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """One way of calling an act."""

    number: str
    name: str
    shape: re.Pattern[str]


def _known(lines: str) -> tuple[Known, ...]:
    rows = (line.split(" | ") for line in lines.strip().splitlines())
    return tuple(
        Known(number, name, re.compile(rf"\b(?:{'|'.join(shapes.split(' ; '))})(?!\w)"))
        for number, name, shapes in rows
    )


EU_ACTS = _known(_EU)
EU_ACTS_IN = {language: _known(lines) for language, lines in _EU_IN.items()}
FRENCH_LAWS = _known(_FRENCH)


def may_name(text: str) -> bool:
    """Whether a text may name one of these acts; most texts do not, and are done with."""
    return any(hint in text for hint in HINTS)
