"""What an installation writes into agent.toml, beside what a person wrote there."""

import tomllib

import pytest

from agent.system.settings import with_setting
from keys.errors import InvalidInputError


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


@pytest.mark.parametrize(
    "text",
    [
        "# ours\nttl = 90\n",
        'ttl = 90\nsocket_users=["www-data"] # nginx\n# ours',
        'socket_users = [\n  "www-data", # ] is nginx\n  "x]",\n]\nttl = 90 # ours\n',
        "socket_users = []\nttl = 90\n# ours",
    ],
)
def test_a_list_takes_the_place_of_all_its_lines(text: str) -> None:
    names = ["www-data", "crm", 'PARS\\"sara"', "سارا"]
    written = with_setting(text, "socket_users", names)
    assert tomllib.loads(written) == {**tomllib.loads(text), "socket_users": names}
    assert with_setting(written, "socket_users", names) == written
    assert "# ours" in written


@pytest.mark.parametrize(
    "text",
    ['"socket_users" = ["www-data"]\n', 'tls_names = ["""\nsocket_users = [\n"""]\n'],
    ids=["quoted", "in a text"],
)
def test_what_only_a_person_can_change_is_left_alone(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r'write socket_users = \["crm"\]'):
        with_setting(text, "socket_users", ["crm"])
