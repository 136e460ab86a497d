"""What an installation writes into agent.toml, beside what a person wrote there."""

import tomllib

import pytest

from agent.system.settings import with_setting


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# ours\nttl = 90\n",
        "ttl = 90\nport=7411 # as ever\n",
        "  port = 7411\ntls_port = 7412\n",
        "tls_port = 7412",
    ],
)
def test_a_setting_takes_the_place_of_the_one_before(text: str) -> None:
    before = tomllib.loads(text)
    written = with_setting(text, "port", 7421)
    assert tomllib.loads(written) == {**before, "port": 7421}
    assert with_setting(written, "port", 7421) == written
    assert ("# ours" in written) == ("# ours" in text)
