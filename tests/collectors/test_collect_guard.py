"""Which addresses are inside."""

import pytest

from collectors.guard import is_inside


def words(text: str) -> list[str]:
    return text.split()


INSIDE = words("""
0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.8.9.1 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12:3456::1 ff02::1 100::1 5f00::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::5db8:d822
2002:7f00:1:: 2002:5db8:d822::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:db8::1 3fff::1
2a00:1450:4007:80e:0:5efe:10.0.0.1 2a00:1450:4007:80e:200:5efe:127.0.0.1
localhost example.org 1.2.3 999.1.1.1 2130706433 0x7f.0.0.1 0177.0.0.1
""")

OUTSIDE = words("""
1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1
198.17.255.255 198.20.0.1 223.255.255.255 2606:4700:4700::1111 2a00:1450:4007:80e::200e
::ffff:93.184.216.34 64:ff9b::5db8:d822 2a00:1450:4007:80e:0:5efe:93.184.216.34
""")


@pytest.mark.parametrize("address", [*INSIDE, ""])
def test_inside(address: str) -> None:
    assert is_inside(address, ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert not is_inside(address, ())


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", False),
        ("::ffff:10.1.2.3", False),
        ("64:ff9b::a01:203", False),
        ("10.2.0.1", True),
        ("fd00::1", False),
        ("127.0.0.1", True),
    ],
)
def test_allowed_networks(address: str, inside: bool) -> None:
    assert is_inside(address, ("10.1.0.0/16", "fd00::/8")) is inside


def test_a_malformed_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a network"):
        is_inside("1.1.1.1", ("not a network",))
