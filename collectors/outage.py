"""Was it the sources, or our own line? Pure.

When a machine loses its network, every source fails at once. That is nobody's illness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from vigie.model import Failure, FailureKind, PollState

LEAST = 5  # sources, and hosts, that can bear witness
SHARE = 0.6  # of the witnesses must have failed
# What a dead line, a captive portal or a broken fetching process of ours look like.
LOCAL = frozenset(
    {
        FailureKind.DNS,
        FailureKind.CONNECT,
        FailureKind.TIMEOUT,
        FailureKind.TLS,
        FailureKind.CRASHED,
    }
)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll of a run gave."""

    url: str
    before: PollState
    failure: Failure | None

    @property
    def unreached(self) -> bool:
        return self.failure is not None and self.failure.kind in LOCAL


def is_local(run: Sequence[Polled], last_success: datetime | None) -> bool:
    """Say whether a run failed for want of our own network.

    Witnesses are the sources that were not ill before. One that an outage was said to excuse, and
    that fails again although any source has answered since (`last_success`), is ill itself: so
    sources that died together are blamed at their second poll. Of at least five witnesses at five
    hosts, 60 % must be unreached, and no kind of host (a top-level domain, or addresses) of two or
    more may have answered as a whole.
    """
    witnesses = [one for one in run if _is_witness(one, last_success)]
    lost = [one for one in witnesses if one.unreached]
    hosts = {urlsplit(one.url).netloc for one in witnesses}
    if len(hosts) < LEAST or len(lost) < SHARE * len(witnesses):
        return False
    kinds: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in witnesses:
        parts = urlsplit(one.url)
        of_kind = kinds[_kind(parts.hostname or "")]
        of_kind[parts.netloc] = of_kind.get(parts.netloc, False) or one.unreached
    return all(any(found.values()) for found in kinds.values() if len(found) > 1)


def _is_witness(one: Polled, last_success: datetime | None) -> bool:
    if one.before.failures:
        return False
    spared = one.before.spared_at
    return spared is None or not one.unreached or last_success is None or last_success <= spared


def excuses(one: Polled, last_success: datetime | None) -> bool:
    """Say whether an outage of the run excuses this poll."""
    return one.unreached and (_is_witness(one, last_success) or bool(one.before.failures))


def _kind(host: str) -> str:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2]
    return "address"
