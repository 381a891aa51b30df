"""WikiANN's labels put right by rule, where they are known to be wrong.

WikiANN takes what a link leads to for the label, and knows three kinds: so works, events, products
and buildings came out as organisations, and adjectives of a country as places (Pan et al. 2017,
aclanthology.org/P17-1178). Here such a name is made no name, another kind, or one that is not
learnt from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

UNSURE = "?"  # not learnt from, either way

_QUOTES = frozenset(("''", "``", '"'))  # italic, which stands for a work, or quotation marks

# An organisation whose name in italics is a paper or journal.
_PRESS = re.compile(
    r"\b(times|posts?|journal|gazette|tribune|news|magazine|herald|courier|courrier|kurier|review|"
    r"revue|nature|science|guardian|telegraph|observer|daily|press?e|spiegel|stern|standaard|"
    r"morgen|soir|libération|express|match|monde|figaro|humanité|equipe|l'équipe|chronicle|globe|"
    r"newsweek|billboard|variety|volkskrant|trouw|parool|telegraaf|independent|economist|mirror|"
    r"vogue|playboy|pravda|bild|focus|point|mail|record|dagblad|\w*zeitung|\w*zeitschrift|"
    r"\w*blad|\w*krant|\w*blatt)\b"
)
_WORK = re.compile(
    r"\( ?([\w'-]+ )*(album|épisode|episode|aflevering|toneelstuk|play|film|"
    r"chanson|single|song|série|series|roman|novel|lied|spiel|jeu|nummer|"
    r"televisieserie|tv-serie|fernsehserie|game|computerspiel|computerspel|soundtrack|manga|anime|"
    r"opéra|opera|musical|ep|boek|book|livre|zeitschrift|band \d+|telenovela|émission)\b"
)
_PLACE_IN_BRACKETS = re.compile(
    r"\( ?([\w'-]+ )*(graafschap|historic district|county|"
    r"métro|metro|station|gare|stadt|stade|stadium|église|insel|berg|fluss|rivière|"
    r"rivier|river|lac|lake|municipality|commune|gemeinde|gemeente|plaats|ort|stad|ville|bahnhof)\b"
)
_LIST = re.compile(
    r"^(list of|liste|lijst|saison|season|seizoen|championnes?|champions? (olympique|du monde)|"
    r"médaillée?s?|athlète|président|prime minister|lieutenant|general|generalmajor|"
    r"generalleutnant|oberst|governor|secretary|president|minister|officier|commandeur|chevalier|bürgermeister|"
    r"armutsgrenze|fachwerkhaus|disparus|erfolge|élections?|elections?|verkiezingen|"
    r"\d{4} (elections?|census|season)|.* census$|.* elections?$|personenstand)\b"
)
_EVENT = re.compile(
    r"\b(championnats?|championships?|kampioenschap\w*|\w*meisterschaft\w*|\w*kampioenschap(pen)?|"
    r"coupes?|cup|\w*pokal|beker|copa|coppa|jeux (olympiques|paralympiques|du|de|d'été|d'hiver|"
    r"asiatiques|panaméricains|européens)|olympics|olympic games|olympische[nr]?|\w+spiele|"
    r"olympiade|commonwealth games|paralympics|guerres?|wars?|\w*oorlog\w*|\w*krieg\w*|bataille|"
    r"battle|slag (bij|om|van|aan)|schlacht|siège d\w+|siege of|beleg van|belagerung|"
    r"révolution|revolution|revolutie|tour de|tour d'\w+|tour of|ronde van|vuelta|giro|"
    r"grand prix|großer preis|großen preis|grote prijs|open|tournoi|tournament|toernooi|turnier|"
    r"masters|trophy|trophée|prix|prize|\w*prijs|\w*preis|awards?|oscars?|césars?|bambi|"
    r"marathon|\w*festival|festival|traité|treaty|\w*vertrag|verdrag|accords?|agreement|"
    r"convention|konvention|draft|census|act|law|\w*gesetz|wet|loi|crisis|crise|\w*krise|"
    r"holocaust|shoah|reformation|renaissance|finale?s?|super bowl|world series|playoffs?|"
    r"rally|rallye|rennen|24 heures|moyen âge|middeleeuwen|mittelalter|middle ages|"
    r"wk|ek|em \d+|wm \d+|eurovision\w*|eurovisie\w*|ballon d'or|ordre (de|du|national)|"
    r"order of|orde van|medal|légion d'honneur|hall of fame|top \d+|billboard hot|hot 100)\b"
)
_KEEP = re.compile(
    r"\b(association|federation|fédération|verband|bond|comité|committee|komitee|"
    r"institut\w*|university|université|universiteit|universität|school|école|college|"
    r"ministry|ministère|ministerie|ministerium|department|département of|commission|court|cour|"
    r"museum|musée|company|compagnie|records|orchestra|orchestre|party|parti|partij|partei|"
    r"union|club|fc|team|society|société|army|navy|air force|regiment|régiment|division|"
    r"office|agency|agence|council|conseil|raad|\w*rat|league|ligue|liga|bank|banque)\b"
)
_AT_AN_END = re.compile(rf"^{_KEEP.pattern}|{_KEEP.pattern}$")
_TEAM = re.compile(r"^équipe |\w+elftal$|mannschaft\b|\bteam$")
_PLACE = re.compile(
    r"^(ponts?|palais|château|aéroport|gare|autoroute|route|rue|avenue|boulevard|place|"
    r"cathédrale|église|abbaye|basilique|chapelle|théâtre|temple|parc|forêt|lac|mont|île|îles|"
    r"fort|station|tunnel|barrage|canal d\w+|prison|cimetière|mosquée|synagogue|phare|"
    r"jardins?|zoo|empire|royaume|république|duché|comté|principauté|porte|couvent|prieuré|"
    r"hôtel d\w+|arboretum|camp|vallée|réserve|stade (de|du|des|d')|stade \w+-\w+|estadio|stadio|"
    r"schloss|burg|kloster|klosters|bahnhof|flughafen|kirche|abtei|bundesautobahn|autobahn|"
    r"bundesstraße|interstate|u\. ?s\. route|u\.s\. highway|kz|konzentrationslager|"
    r"kathedraal|kasteel|paleis|abdij|gevangenis|klooster|luchthaven|koninkrijk|republiek|"
    r"mount|lake|kingdom|duchy|empire|republic of|castle|cemetery|basilica|"
    r"hochstift|herzogtum|königreich|fürstentum|grafschaft|kurfürstentum|heilige[sn] römische[sn]|"
    r"holy roman|san [A-Z]\w+ \(|villa|galerie des|ligne|line \d+|bahnstrecke|linie \d+|spoorlijn|"
    r"tour eiffel|mur de|arc de|colonne|statue|monument|piazza|plaza de|plaza)\b"
    r"|\b(stadium|arena|palace|castle|bridge|airport|station|highway|street|avenue|road|"
    r"tower|cathedral|abbey|theatre|theater|field|fort|islands?|lake|river|mountains?|"
    r"square|gardens?|canal|dam|tunnel|prison|cemetery|mosque|temple|lighthouse|forest|"
    r"reserve|empire|expressway|freeway|parkway|boulevard|trail|"
    r"park|hall|building|center arena|speedway|raceway|\w+stadion|\w+straat|\w+straße|"
    r"\w+plein|\w+platz|\w+brug|\w+brücke|\w+kerk|\w+kirche|\w+kasteel|\w+schloss|\w+toren|"
    r"\w+turm|\w+bahnhof|hauptbahnhof|\w+flughafen|\w+paleis|\w+palast|\w+kanaal|\w+kanal|"
    r"\w+meer|\w+park|\w+poort|\w+wald|\w+friedhof|\w+dom|rijk|reich|"
    r"centraal|station [A-Z]\w+)$"
)
_PRODUCT = re.compile(
    r"\b(playstation|xbox|gamecube|wii|nintendo (64|ds)|amiga|atari st|windows|linux|android|ios|"
    r"iphone|ipad|boeing \d\w+|airbus a\d+|commodore 64|zx spectrum|game boy|mega drive|"
    r"arpanet|internet|dvd|vhs|usb|dna|adn|html|xml|java|python|isbn|gdp|pib)\b"
)

_CUTS = frozenset((",", "(", ")"))
_OFFICE = re.compile(
    r"^(archbishop|bishop|member|fellow|lord|lady|prince|princess|duke|earl|king|queen|chief|"
    r"head|ambassador|u\.? ?s\.? ambassador|officer|companion|knight'?s?|knight 's) "
    r"(of|to|in|justice|president|cross|chancellor)\b|"
    r"^(major|brigadier|lieutenant|vice|u\.s\.|united states|state) (general|admiral|senator|"
    r"representative|colonel|governor|secretary|president|ambassador)$|"
    r"^(chef|membre|maire|évêque|archevêque|roi|reine|duc|comte|ministre|gouverneur) (de|du|des)\b|"
    r"^(koning|koningin|aartsbisschop|bisschop|burgemeester|lid|hertog|graaf) van\b|"
    r"^(könig|kaiser|erzbischof|bischof|präsident|mitglied|herzog|graf) (von|der|des)\b"
)
# Words that no name is; German ones, having a capital, look like names.
_COMMON = re.compile(
    r"papst|fruchtknoten|bundesstaat\w*|stürmer|gouverneur\w*|vizegouverneur|abwehrspieler|apostel|"
    r"klavier|single|abitur|knoten|dolmen|bundesligisten|erstligisten|koalition|polizei|major|"
    r"honorarprofessor|naturschutzgebiet|spektralklasse|nationalsozialismus|zeit des "
    r"nationalsozialismus|friedensbewegung|bahnhofskategorie|scheduled monument|afroamerikaner|"
    r"roten? liste( gefährdeter arten)?|torwart|mittelfeldspieler|verteidiger|professor|"
    r"bürgermeister|senator|landrat|gemeinde|stadt|dorf|fluss|insel|kirche|schloss|burg|kloster|bahnhof|album|"
    r"film|lied|song|band|roman|serie|blasinstrument|manga|anime|sinfonien|"
    r"phd|ph\.d ?\.?|ll\.b ?\.?|mbe|obe|taoiseach|whig|senate? seat|great depression|"
    r"attaquant|ailier|keniaan|secretaris-generaal|billboard 200|'' ?billboard '' ?200|"
    r"[a-z]|[a-z]? ?\d+"
)
# Adjectives and languages, peoples, faiths and parties said as adjectives.
_ADJECTIVE = re.compile(
    r"(democrat|republican|conservative|liberal|labor|catholic|protestant|anglican|muslim|islam|"
    r"christian|buddhist|hindu|jewish|lutheran|methodist|presbyterian|baptist|orthodox|hispanic|"
    r"latino|urdu|bengali|cyrillic|gothic|baroque|progressive conservative|democratic|independent|"
    r"islamic|roman catholic|buddhism|christianity|hinduism|judaism|catholicism|"
    r"christendom|jodendom|boeddhisme|hindoeïsme|katholiek|protestants?|"
    r"christianisme|islamisme|bouddhisme|judaïsme|hindouisme|catholicisme|"
    r"christentum|judentum|buddhismus|hinduismus|kommunismus|sozialismus)[se]?|"
    r"(frans|duits|nederlands|engels|brits|amerikaans|belgisch|vlaams|waals|spaans|italiaans|"
    r"portugees|grieks|russisch|pools|zweeds|noors|deens|fins|turks|chinees|japans|indisch|"
    r"schots|iers|fries|hollands|oostenrijks|zwitsers|hongaars|tsjechisch|servisch|kroatisch|"
    r"roemeens|bulgaars|oekraïens|latijns|romeins|europees|afrikaans|aziatisch|braziliaans|"
    r"mexicaans|argentijns|canadees|australisch|israëlisch|egyptisch|marokkaans|surinaams|"
    r"brabants|limburgs|gronings|zeeuws|koreaans|welsh|ottomaans|perzisch|arabisch|joods)e?|"
    r"(american|british|english|french|german|dutch|belgian|spanish|italian|portuguese|greek|"
    r"russian|polish|swedish|norwegian|danish|finnish|turkish|chinese|japanese|indian|scottish|"
    r"irish|welsh|austrian|swiss|hungarian|czech|serbian|croatian|romanian|bulgarian|ukrainian|"
    r"latin|roman|european|african|asian|brazilian|mexican|argentine|argentinian|canadian|"
    r"australian|israeli|egyptian|moroccan|korean|ottoman|persian|arabic|arab|iranian|"
    r"iraqi|vietnamese|thai|filipino|cuban|soviet|lithuanian|latvian|estonian|georgian|"
    r"armenian|icelandic|hebrew|sanskrit|hindi|tamil|colombian|chilean|peruvian|nigerian)s?|"
    r"(deutsche|französische|englische|schweizer|österreichische|amerikanische|russische|"
    r"italienische|spanische|niederländische|polnische|europäische|britische|römische|"
    r"berliner|wiener|hamburger|münchner|kölner|frankfurter|latein)[nrsm]?|"
    r"(français|anglais|allemand|américain|italien|espagnol|belge|britannique|néerlandais|"
    r"canadien|russe|polonais|latin|grec|japonais|chinois|suédois)(e|s|es|ne|nes)?|suisses?"
)
_ALSO_NAMES = frozenset(("suisse", "independent", "argentine"))  # elsewhere

_SPECIES = re.compile(r"[A-Z][a-z]+ [a-z]{3,}")  # in italics

Span = tuple[int, int, str]  # first word, word after the last, label


def put_right(words: Sequence[str], tags: Sequence[str]) -> list[str]:
    """BIO tags for those of WikiANN; a wiki's marks are still among the words."""
    right = list(tags)
    start = 0
    while start < len(words):
        end = start + 1
        if tags[start][0] == "B":
            while end < len(words) and tags[end][0] == "I":
                end += 1
            label = judged(words, (start, end), tags[start][2:])
            right[start:end] = ["O"] * (end - start)
            for first, last, kind in _parts(words, (start, end, label)):
                right[first:last] = [f"B-{kind}", *[f"I-{kind}"] * (last - first - 1)]
        start = end
    return right


def _parts(words: Sequence[str], span: Span) -> list[Span]:
    """The names in one label: a link is named by its article, `Dallas ( Texas )`."""
    start, end, label = span
    if not label:
        return []
    cuts = [row for row in range(start, end) if words[row] in _CUTS]
    if not cuts or (words[cuts[0]] == "," and label != "LOC"):
        return [span]
    ends = [*cuts, end]
    starts = [start, *[row + 1 for row in cuts]]
    pieces = [(a, b) for a, b in zip(starts, ends, strict=True) if a < b]
    rest = label if label == "LOC" else UNSURE
    labels = [label] + [rest] * (len(pieces) - 1)
    named = zip(pieces, labels, strict=True)
    return [(a, b, kind) for (a, b), kind in named if words[a] != words[a].lower()]


def judged(words: Sequence[str], place: tuple[int, int], label: str) -> str:
    """The label of words[start:end]: the one given, another, "" for no name, or UNSURE."""
    start, end = place
    name = " ".join(words[start:end])
    small = name.lower()
    if name == small or _OFFICE.search(small) or _COMMON.fullmatch(small):
        return ""
    if _ADJECTIVE.fullmatch(small):
        return UNSURE if small in _ALSO_NAMES else ""
    italic = _italic(words, start, end)
    if label == "ORG":
        return _body(small, italic)
    if italic:
        return "" if label == "LOC" and _SPECIES.fullmatch(name) else UNSURE
    return label


def _body(small: str, italic: bool) -> str:
    """What is called an organisation."""
    if any(one.search(small) for one in (_WORK, _LIST, _PRODUCT)):
        return ""
    if _PLACE_IN_BRACKETS.search(small):
        return "LOC"
    if italic:
        return "ORG" if _PRESS.search(small) else UNSURE if _KEEP.search(small) else ""
    return "ORG" if _AT_AN_END.search(small) else _by_words(small)


def _by_words(small: str) -> str:
    kept = _KEEP.search(small)
    if _TEAM.search(small) or (kept and _EVENT.search(small)):
        return UNSURE
    if _EVENT.search(small):
        return ""
    return "LOC" if _PLACE.search(small) and not kept else "ORG"


def _italic(words: Sequence[str], start: int, end: int) -> bool:
    """Between marks of italics or quotation, bold ones (with a third mark outside) left out."""
    before = words[start - 1] if start else ""
    after = words[end] if end < len(words) else ""
    outer = words[start - 2] if start > 1 else ""
    beyond = words[end + 1] if end + 1 < len(words) else ""
    opened = before in _QUOTES and outer != "'"
    closed = after in _QUOTES and beyond != "'"
    return opened or closed
