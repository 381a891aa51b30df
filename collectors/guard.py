"""Which addresses are inside, and never connected to; and which may be told a secret. Pure.

An address counts as inside unless it is known to be a global unicast one: what is not understood is
refused. The networks are those of IANA's special-purpose registries (RFC 6890 and its updates).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

_INSIDE_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_INSIDE_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_ISATAP = (0x00005EFE, 0x02005EFE)  # bits 64 to 95 of an ISATAP address, RFC 5214


def is_inside(ip: str, allow: Sequence[str] = ()) -> bool:
    """Say whether `ip` must not be connected to.

    `allow` lists networks in CIDR form that may be reached all the same (an intranet). An IPv4
    address carried in an IPv6 one (mapped, NAT64) is judged as itself, and so is the allow-list for
    it. What is not an address is inside. Raises ValueError on a malformed network in `allow`.
    """
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return True
    carried = _carried(address)
    for text in allow:
        network = ip_network(text)
        if address in network or (carried is not None and carried in network):
            return False
    if isinstance(address, IPv4Address):
        return _inside_4(address)
    if carried is not None:
        return _inside_4(carried)
    return _inside_6(address)


def may_carry(declared: str, url: str) -> bool:
    """Say whether a request to `url` may carry the credential of the source declared there.

    Its own host only, over TLS or within this machine, at the declared port or that of https.
    """
    try:
        home, there = urlsplit(declared), urlsplit(url)
        ports = {home.port or _PORTS.get(home.scheme), 443}
        same = home.hostname == there.hostname and (there.port or _PORTS.get(there.scheme)) in ports
    except ValueError:
        return False
    return same and (there.scheme == "https" or _is_loopback(there.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator will really reach."""
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _inside_4(address: IPv4Address) -> bool:
    return any(address in network for network in _INSIDE_4)


def _inside_6(address: IPv6Address) -> bool:
    if address not in _GLOBAL_6 or any(address in network for network in _INSIDE_6):
        return True
    number = int(address)
    if (number >> 32) & 0xFFFF_FFFF in _ISATAP:
        return _inside_4(IPv4Address(number & 0xFFFF_FFFF))
    return False
