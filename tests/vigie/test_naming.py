"""Titles from addresses: what an attacker writes into one costs no time."""

import pytest

from vigie import naming


@pytest.mark.timeout(10)
def test_a_long_almost_number_is_read_at_once() -> None:
    """Found by fuzzing: a pattern with two ways to read it took minutes over one address."""
    assert naming.from_address(f"https://port.example/{'ab12' * 400}z") != ""
    assert naming.from_address(f"https://port.example/quai-{'ab12' * 400}") == "Quai"


def test_an_endless_address_is_cut() -> None:
    assert len(naming.from_address("https://port.example/" + "quai-" * 100_000)) <= 300
