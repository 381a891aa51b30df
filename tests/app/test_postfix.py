"""A real Postfix between Vigie and the mailboxes: all 400 delivered, once each."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from mailing_cases import ID, RECIPIENTS, prepare, sending

from app.demo.smtp import Outbox
from app.folder import Folder
from vigie.archive import desk as desk_rows
from vigie.model import DeliveryState

POSTFIX = shutil.which("postfix") or "/usr/sbin/postfix"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Path(POSTFIX).exists(), reason="Postfix is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix starts as root only"),
]

MAIN = """compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{sink}
smtpd_recipient_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtp_host_lookup = native
maillog_file = {base}/log
maillog_file_prefixes = {base}
alias_maps =
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "mailboxes") as outbox:
        yield outbox


@pytest.fixture
def relay(sink: Outbox) -> Iterator[int]:
    """The port of a Postfix of our own, which passes everything on to the sink."""
    base = Path(tempfile.mkdtemp(prefix="vigie-postfix-"))
    base.chmod(0o755)  # its processes are other users'
    config = base / "config"
    for name in ("config", "queue", "data"):
        (base / name).mkdir()
    shutil.chown(base / "data", "postfix")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (config / "main.cf").write_text(MAIN.format(base=base, sink=sink.port))
    (config / "master.cf").write_text(MASTER.format(port=port))
    subprocess.run([POSTFIX, "-c", str(config), "start"], check=True, capture_output=True)
    try:
        yield port
    finally:
        subprocess.run([POSTFIX, "-c", str(config), "stop"], check=False, capture_output=True)
        shutil.rmtree(base, ignore_errors=True)


def test_a_real_relay_delivers_all_once(tmp_path: Path, sink: Outbox, relay: int) -> None:
    home = tmp_path / "home"
    prepare(home, relay)
    sending(home)
    sending(home)
    with Folder.at(home).desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {DeliveryState.SENT: RECIPIENTS}
    deadline = time.monotonic() + 120
    while len(sink.received) < RECIPIENTS and time.monotonic() < deadline:
        time.sleep(0.1)
    served = Counter(address for got in sink.received for address in got.rcpt_tos)
    assert len(served) == RECIPIENTS
    assert set(served.values()) == {1}
    text = sink.received[0].path.read_bytes()
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text
