"""The garbage collector rests while settings and models are loaded, and no longer."""

from __future__ import annotations

import gc

import pytest

from vigie.uncollected import uncollected


def test_collecting_goes_on_afterwards_whatever_happens() -> None:
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_what_was_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
