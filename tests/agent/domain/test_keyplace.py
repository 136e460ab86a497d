"""Where a device key lives, and what that is worth."""

import pytest

from agent.domain.keyplace import described, place_of


@pytest.mark.parametrize(
    ("maker", "virtualisation", "place"),
    [
        ("", "none", "file"),
        ("", "kvm", "file"),
        ("INTC", "none", "tpm"),
        ("IFX", "container", "tpm"),
        ("INTC", "kvm", "vtpm"),
        ("IBM", "none", "vtpm"),
        ("MSFT", "hyperv", "vtpm"),
        ("VMW", "container", "vtpm"),
        ("?", "none", "tpm"),
    ],
)
def test_a_tpm_is_virtual_where_its_maker_or_its_machine_is(maker: str, virtualisation: str, place: str) -> None:
    assert place_of(maker, virtualisation) == place


def test_people_are_told_what_a_copy_takes_along() -> None:
    assert "a copy of the disk takes along" in described("file", "")
    for told, maker, said in (
        (described("tpm", "INTC"), "INTC", "no copy takes along"),
        (described("vtpm", "IBM"), "IBM", "clone"),
    ):
        assert said in told
        assert f"({maker})" in told
