"""One spelling for one address: canonical URLs. Pure.

The rules follow RFC 3986, section 6.2.2 (case, percent-encoding, dot segments) and add what news
sites do: campaign parameters, AMP and mobile twins. The order of parameters is kept, since some
sites give it a meaning. A canonical URL is a name first; that it can be opened is likely, not sure.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

LONGEST = 4000  # characters; what is longer is no address of an article

_TRACKING = re.compile(
    r"""(?: utm_\w* | at_\w+ | ns_(?:mchannel|source|campaign|linkname|fee) | stm_\w+
        | mtm_\w+ | matomo_\w+ | pk_\w+ | piwik_\w+ | hsa_\w+ | guce_\w+ | gaa_\w+ | oly_\w+_id
        | fbclid | gclid | gclsrc | gbraid | wbraid | dclid | msclkid | yclid | twclid | ttclid
        | li_fat_id | igshid? | epik | rdt_cid | sc_cid | s_cid | scid | sc_campaign | sc_channel
        | mc_cid | mc_eid | mkt_tok | vero_id | vero_conv | wickedid | wt_mc | wtmc | wt\.mc_id
        | _ga | _gl | _hsenc | _hsmi | hsctatracking | _openstat | __twitter_impression
        | xtor | xtref | xts | xtcr | cmpid | cmp | cmp_id | ncid | ocid | ftag | smid | smtyp
        | spm | ref_src | ref_url | ss_source | ss_campaign_\w+ | trk | trkcampaign | linkid_social
        | phpsessid | jsessionid | outputtype_amp )""",
    re.IGNORECASE | re.VERBOSE,
)
_CHANNEL = {"source", "src", "ref", "from", "origin", "origine", "medium", "feature"}
_CHANNELS = {"rss", "feed", "rssfeed", "rss-feed", "rss_feed", "flux_rss", "fluxrss", "newsletter"}
_CHANNELS |= {"twitter", "facebook", "linkedin", "mastodon", "amp"}

_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}|%")
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;?]*", re.IGNORECASE)
_AMP_TAIL = re.compile(r"(?<=[^/])(?:/amp/?|\.amp)$", re.IGNORECASE)
_AMP_FILE = re.compile(r"(?<=[^/])\.amp(\.html?)$", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^/[a-z]/(s/)?([^/]+\.[^/]+)(/.*)?$")
_GOOGLE_AMP = re.compile(r"^/amp/(s/)?([^/]+\.[^/]+)(/.*)?$")
_TWINS = ("m", "mobile", "amp", "touch")
_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
# Addresses that no rule below changes: no query, no escapes, no dots at a segment's start, no AMP
# and no mobile host. Most articles' addresses are of this kind.
_CANONICAL = re.compile(
    r"https?://(?!(?:m|mobile|touch)\.)(?![^/]*\.m\.)[a-z0-9]+(?:[.-][a-z0-9]+)*"
    r"(?::(?!80/|443/)[1-9]\d{1,3}|:[1-5]\d{4})?"
    r"/(?:(?!\.)[A-Za-z0-9._~-]+/)*(?:(?!\.)[A-Za-z0-9._~-]+)?",
    re.ASCII,
)
_SPACES = re.compile(r"[\t\n\r]")


def canonical(url: str) -> str:
    """The one spelling of an http(s) address, or "" for anything else. Idempotent."""
    if len(url) <= LONGEST and _CANONICAL.fullmatch(url) and "amp" not in url.lower():
        return url
    return _by_rules(url)


def _by_rules(url: str) -> str:
    current = url if len(url) <= LONGEST else ""
    while current:
        following = _once(current)
        if following == current:
            break
        current = following
    return current if len(current) <= LONGEST else ""


def _once(url: str) -> str:
    try:
        parts = urlsplit(_SPACES.sub("", url.strip()))
        port = parts.port
        host = _host(parts.hostname or "")
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not host:
        return ""
    unwrapped = _unwrapped(host, parts.path)
    if unwrapped:
        return unwrapped
    path = _path(parts.path)
    query = _query(parts)
    if path != "/":
        host = _desktop(host)
    netloc = host
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        netloc = f"{host}:{port}"
    return urlunsplit((scheme, netloc, path, query, ""))


def _host(host: str) -> str:
    """Lower case, punycode, without a last dot. Raises UnicodeError, a ValueError."""
    host = host.strip().rstrip(".")
    if ":" in host:
        host = f"[{host.partition('%')[0]}]"
    elif not host.isascii():
        host = host.encode("idna").decode("ascii")
    host = host.lower().rstrip(".")
    return host if _HOST.fullmatch(host) else ""


def _path(path: str) -> str:
    path = _SESSION.sub("", _normal(path, "/;:@!$&'()*+,="))
    path = _without_dots(path)
    shorter = _AMP_FILE.sub(r"\1", _AMP_TAIL.sub("", path))
    return shorter or "/"


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:] if path.startswith("/") else segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", "..") and (not kept or kept[-1]):
        kept.append("")
    return "/" + "/".join(kept)


def _query(parts: SplitResult) -> str:
    kept = []
    for pair in _normal(parts.query, "/?;:@!$&'()*+,=").split("&"):
        name, _, value = pair.partition("=")
        if pair and not _is_tracking(unquote(name), unquote(value)):
            kept.append(pair)
    return "&".join(kept)


def _is_tracking(name: str, value: str) -> bool:
    lowered = name.lower()
    if _TRACKING.fullmatch(lowered):
        return True
    if lowered in ("amp", "outputtype"):
        return value.lower() in ("", "1", "true", "amp")
    return lowered in _CHANNEL and value.lower() in _CHANNELS


def _normal(text: str, safe: str) -> str:
    """Escapes in upper case, none where none is needed, and one wherever one is."""
    return quote(_PERCENT.sub(_escape, text), safe=safe + "%~", errors="replace")


def _escape(match: re.Match[str]) -> str:
    escape = match[0]
    if escape == "%":
        return "%25"
    character = chr(int(escape[1:], 16))
    return character if _UNRESERVED.match(character) else escape.upper()


def _unwrapped(host: str, path: str) -> str:
    """The address inside an AMP cache's one, or ""."""
    if host.endswith(".cdn.ampproject.org"):
        match = _AMP_CACHE.match(path)
    elif host in ("www.google.com", "google.com"):
        match = _GOOGLE_AMP.match(path)
    else:
        match = None
    if not match:
        return ""
    return f"{'https' if match[1] else 'http'}://{match[2]}{match[3] or '/'}"


def _desktop(host: str) -> str:
    """The host of which this one is the mobile twin.

    `m.example.fr` is `www.example.fr`, `de.m.example.org` is `de.example.org`; a name of two labels
    such as `mobile.de` is nobody's twin.
    """
    labels = host.split(".")
    if host.startswith("[") or labels[-1].isdigit():
        return host
    if len(labels) >= 3 and labels[0] in _TWINS:
        rest = labels[1:]
        return ".".join(rest if len(rest) > 2 else ["www", *rest])
    if len(labels) >= 4 and labels[1] == "m":
        return ".".join([labels[0], *labels[2:]])
    return host
