"""The machine's clocks."""

import time

import pytest

from keys.clock import SystemClock


def test_wall_time_is_whole_seconds() -> None:
    assert isinstance(SystemClock().now(), int)
    assert SystemClock().now() > 1_700_000_000


def test_the_boot_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    assert clock.boot() <= clock.boot()
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", time.CLOCK_REALTIME)
    assert clock.boot() > 1_700_000_000, "the clock that counts time asleep is the one that is asked"
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert clock.boot() <= clock.boot(), "as on Windows"
