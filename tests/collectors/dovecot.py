"""A real IMAP server on the loopback: Debian's dovecot, with a folder and a password of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from imapclient import IMAPClient  # type: ignore[import-untyped]

USER, PASSWORD = "veille@region.example", "pass-é-mot"
BINARY = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))

_CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """A running server. `folder` must be reachable by others: the mail user is never root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plain, self.tls = _free_port(), _free_port()
        self.certificate = folder / "cert.pem"
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        for name in ("run", "state", "home", "mail"):
            (folder / name).mkdir()
            os.chown(folder / name, account.pw_uid, account.pw_gid)
        _write_certificate(self.certificate, folder / "key.pem")
        conf = folder / "dovecot.conf"
        group = _group(account.pw_gid)
        conf.write_text(
            _CONF.format(
                folder=folder,
                user=account.pw_name,
                group=group,
                password=PASSWORD,
                plain=self.plain,
                tls=self.tls,
            ),
            "utf-8",
        )
        assert BINARY
        self._process = subprocess.Popen([BINARY, "-F", "-c", str(conf)])
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def client(self) -> IMAPClient:
        """A client that may write, to put mail there and to look at flags."""
        client = IMAPClient("127.0.0.1", self.plain, ssl=False, timeout=10)
        client.plain_login(USER, PASSWORD)
        return client

    def put(self, *messages: bytes, folder: str = "INBOX", when: datetime | None = None) -> None:
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for message in messages:
                client.append(folder, message, msg_time=when)

    def renumber(self) -> None:
        """Give all messages new numbers under a new UIDVALIDITY, as after a restored backup."""
        mail = self.folder / "mail"
        uids = mail / "dovecot-uidlist"
        guid = uids.read_text("ascii").split("\n")[0].rpartition(" ")[2]
        owner = uids.stat().st_uid
        for index in mail.glob("dovecot*"):
            index.unlink()
        uids.write_text(f"3 V{int(time.time()) + 1000} N900 {guid}\n", "ascii")
        os.chown(uids, owner, -1)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.plain), 1) as connection:
                    if connection.recv(10).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"dovecot does not answer: {self.log()}")

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text("utf-8", "replace")[-3000:] if log.exists() else "no log"


def _group(gid: int) -> str:
    import grp  # noqa: PLC0415  not on every system

    return grp.getgrgid(gid).gr_name


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _write_certificate(certificate: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
