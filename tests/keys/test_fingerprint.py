"""Fingerprints: which values count, what fits, and what is said about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.fingerprint import (
    COMPONENTS,
    DEFAULT_THRESHOLD,
    ENOUGH_TO_ACTIVATE,
    compare,
    digest,
    digests,
    is_filler,
    is_sufficient,
    weight,
)
from tests.keys.samples import ISSUER

MACHINE = {name: f"value of {name}" for name in COMPONENTS}
ALL = digests(MACHINE, ISSUER)


def seen(*kept: str, **changed: str) -> dict[str, str]:
    return digests({name: MACHINE[name] for name in kept} | changed, ISSUER)


def test_the_weights_are_the_protocols() -> None:
    assert {name: (component.weight, component.strong) for name, component in COMPONENTS.items()} == {
        "tpm_ek": (40, True),
        "product_uuid": (30, True),
        "machine_id": (25, True),
        "board_serial": (15, False),
        "disk_serial": (15, False),
        "mac": (10, False),
        "cpu": (5, False),
    }
    assert (ENOUGH_TO_ACTIVATE, DEFAULT_THRESHOLD) == (40, 60)


def test_a_digest_is_hmac_sha_256_keyed_with_the_issuer() -> None:
    """Worked out apart, with openssl dgst -sha256 -hmac."""
    assert digest("abc", "https://licence.example.com") == "9_hHQrDdH42rX_n-AoGuXsRoKt6xIN3nn_kaH5SDzDc"
    assert digest("abc", ISSUER) != digest("abc", "https://other.example")


@pytest.mark.parametrize("printed", ["ABC", " abc\n", "Abc", "abc"])
def test_tools_print_the_same_value_in_several_ways(printed: str) -> None:
    assert digest(printed, ISSUER) == digest("abc", ISSUER)


def test_values_are_compared_in_one_unicode_form() -> None:
    assert digest("e\u0301", ISSUER) == digest("é", ISSUER)


@pytest.mark.parametrize(
    "filler",
    [
        "To be filled by O.E.M.",
        "TO BE FILLED BY O.E.M.",
        "to be  filled by o.e.m.",
        "Default string",
        "None",
        "N/A",
        "System Serial Number",
        "Not Specified",
        "",
        "   ",
        "0",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "00:00:00:00:00:00",
        "0000 0000",
        "........",
        "00.00.00",
        "xxxxxxxx",
        "03000200-0400-0500-0006-000700080009",
        "0123456789",
    ],
)
def test_what_firmware_writes_where_nobody_filled_it_in_counts_as_absent(filler: str) -> None:
    assert is_filler(filler)
    assert digests({"product_uuid": filler}, ISSUER) == {}


@pytest.mark.parametrize("value", ["4c4c4544-0042", "S3Z9NB0K", "00:00:00:00:00:01", "none-1", "O.E.M. 7"])
def test_a_real_value_counts(value: str) -> None:
    assert set(digests({"disk_serial": value, "flux": value}, ISSUER)) == {"disk_serial"}


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        ((), False),
        (("tpm_ek",), True),
        (("product_uuid",), False),
        (("product_uuid", "mac"), True),
        (("machine_id", "disk_serial"), True),
        (("machine_id", "mac"), False),
        (("board_serial", "disk_serial", "mac", "cpu"), False),
        (("flux", "product_uuid"), False),
    ],
)
def test_forty_with_a_strong_one_among_it_is_enough_to_activate(names: tuple[str, ...], enough: bool) -> None:
    assert is_sufficient(dict.fromkeys(names, "")) is enough


def test_an_unknown_component_weighs_nothing() -> None:
    assert weight(["flux", "cpu"]) == 5


@pytest.mark.parametrize(
    ("kept", "percent", "fits"),
    [
        (tuple(COMPONENTS), 100, True),
        (("tpm_ek", "product_uuid", "machine_id"), 67, True),
        (("tpm_ek", "product_uuid", "mac", "cpu"), 60, True),
        (("tpm_ek", "product_uuid", "mac"), 57, False),
        (("product_uuid", "machine_id", "board_serial", "disk_serial"), 60, True),
        (("board_serial", "disk_serial", "mac", "cpu"), 32, False),
        ((), 0, False),
    ],
)
def test_sixty_percent_of_the_enrolled_weight_must_fit(kept: tuple[str, ...], percent: int, fits: bool) -> None:
    """Of 140 enrolled."""
    found = compare(ALL, seen(*kept), DEFAULT_THRESHOLD)
    assert (found.percent, found.fits) == (percent, fits)


def test_without_a_strong_component_nothing_fits() -> None:
    enrolled = {name: ALL[name] for name in ("machine_id", "board_serial", "disk_serial", "mac", "cpu")}
    found = compare(enrolled, seen("board_serial", "disk_serial", "mac", "cpu"), DEFAULT_THRESHOLD)
    assert (found.percent, found.fits) == (64, False)


@pytest.mark.threat(7)
def test_leaving_out_the_changed_components_gains_nothing() -> None:
    changed = seen("product_uuid", "cpu", machine_id="another", disk_serial="another", mac="another")
    left_out = seen("product_uuid", "cpu")
    percents = {compare(ALL, found, 60).percent for found in (changed, left_out)}
    assert percents == {25}


def test_a_percentage_is_never_rounded_up_over_the_threshold() -> None:
    enrolled = seen("product_uuid", "disk_serial", "cpu")
    found = compare(enrolled, seen("product_uuid"), 60)
    assert found.percent == 60
    assert not compare(ALL, seen("tpm_ek", "machine_id", "board_serial"), 58).fits, "80 of 140 are 57.1 %"


def test_what_changed_is_said_by_name() -> None:
    enrolled = seen("product_uuid", "machine_id", "disk_serial", "cpu")
    found = compare(enrolled, seen("product_uuid", "machine_id", "mac", disk_serial="new"), 60)
    assert (found.equal, found.changed, found.missing, found.added) == (
        ("product_uuid", "machine_id"),
        ("disk_serial",),
        ("cpu",),
        ("mac",),
    )
    assert found.fits
    assert found.drifted
    assert found.describe() == (
        "73 % of the enrolled weight fits; 60 % must "
        "(the same: product_uuid, machine_id; changed: disk_serial; not found: cpu; added: mac)"
    )


def test_the_same_machine_has_not_drifted_and_another_one_neither() -> None:
    assert not compare(ALL, ALL, 60).drifted
    assert not compare(ALL, digests(dict.fromkeys(COMPONENTS, "another machine"), ISSUER), 60).drifted


def test_nothing_enrolled_fits_nothing() -> None:
    found = compare({}, ALL, 60)
    assert not found.fits
    assert "0 % of the enrolled weight fits" in found.describe()
    assert "nothing enrolled" in compare({}, {}, 60).describe()


SOME = st.dictionaries(st.sampled_from([*COMPONENTS, "flux"]), st.sampled_from(["a" * 43, "b" * 43, "ü"]))


@given(SOME, SOME)
def test_every_known_component_is_in_one_list(enrolled: dict[str, str], now: dict[str, str]) -> None:
    found = compare(enrolled, now, 60)
    lists = [*found.equal, *found.changed, *found.missing, *found.added]
    assert sorted(lists) == sorted((enrolled.keys() | now.keys()) & COMPONENTS.keys())
    assert 0 <= found.percent <= 100
    assert compare(enrolled, enrolled, 60).percent in {0, 100}
