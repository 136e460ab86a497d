"""Settings: what is left out has a default, what is wrong is named."""

from pathlib import Path

import pytest

from keys.errors import InvalidInputError
from licence_server.assembly import policy_of
from licence_server.config import Config, load_config, settings_file
from licence_server.domain.policy import Policy

ISSUER = 'issuer = "https://licence.example.com"\n'


def load(folder: Path, text: str, **environment: str) -> Config:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load_config(folder, environment)


def test_an_issuer_is_enough(tmp_path: Path) -> None:
    config = load(tmp_path, ISSUER)
    assert config.issuer == "https://licence.example.com"
    assert config.database == f"sqlite:///{tmp_path / 'licences.sqlite3'}"
    assert (config.host, config.port, config.trusted_proxies) == ("127.0.0.1", 7410, ())


def test_the_environment_names_another_database(tmp_path: Path) -> None:
    url = "postgresql+psycopg://licences@db/licences"
    assert load(tmp_path, ISSUER, LICENCE_SERVER_DATABASE=url).database == url
    assert load(tmp_path, ISSUER + 'database = "sqlite:////srv/x"').database == "sqlite:////srv/x"


def test_a_provider_of_single_sign_on(tmp_path: Path) -> None:
    there = (
        ISSUER + 'sso_issuer = "https://accounts.example.com/vendor/"\nsso_client = "us"\nsso_assurances = ["phr"]\n'
    )
    config = load(tmp_path, there + 'sso_secret_file = "/etc/secret"', LICENCE_SERVER_SSO_SECRET_FILE="/run/secret")
    assert (config.sso_issuer, config.sso_client) == ("https://accounts.example.com/vendor/", "us")
    assert (config.sso_secret_file, config.sso_assurances) == ("/run/secret", ("phr",))
    assert load(tmp_path, there + 'sso_secret_file = "/etc/secret"').sso_secret_file == "/etc/secret"


def test_what_a_cluster_puts_into_the_environment_is_no_setting(tmp_path: Path) -> None:
    assert load(tmp_path, ISSUER, LICENCE_SERVER_PORT="tcp://10.0.0.1:80").port == 7410


def test_a_new_file_says_every_setting_with_its_default(tmp_path: Path) -> None:
    text = settings_file("https://licence.example.com")
    config = load(tmp_path, text)
    named = {line.lstrip("# ").partition(" =")[0] for line in text.splitlines() if " = " in line}
    assert named == set(Config.model_fields)
    assert load(tmp_path, text.replace("\n# ", "\n").replace("Settings of", "# Settings of")).port == config.port


def test_the_policys_defaults_are_the_settings_defaults(tmp_path: Path) -> None:
    assert policy_of(load(tmp_path, ISSUER)) == Policy()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("colour = 1", "there is no setting 'colour'"),
        ('port = "80"', "port"),
        ("port = 65536", "port"),
        ("port = true", "port"),
        ("workers = 0", "workers"),
        ("interval = 0", "interval"),
        ("interval = 1.5", "interval"),
        ("threshold = 101", "threshold"),
        ('trusted_proxies = ["10.0.0.1/8"]', "10.0.0.1/8"),
        ('trusted_proxies = "10.0.0.0/8"', "trusted_proxies"),
        ("metrics_networks = [1]", "metrics_networks"),
        ('product = ""', "product"),
        ('sso_issuer = "https://accounts.example.com"', "sso_client"),
        ('sso_issuer = "http://accounts.example.com"', "accounts.example.com"),
        ('sso_issuer = "https://me@accounts.example.com"', "sso_issuer"),
        ('sso_issuer = "accounts.example.com"', "sso_issuer"),
        ('sso_identity = "phone"', "sso_identity"),
        ('sso_second_factor = "nowhere"', "sso_second_factor"),
        ("port = ", "not valid TOML"),
        ("\x00", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, word: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        load(tmp_path, ISSUER + line)
    assert word in str(refusal.value)
    assert "config.toml" in str(refusal.value)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://licence.example.com",
        "licence.example.com",
        "https://",
        "https://licence.example.com/",
        "https://licence.example.com?x",
        "https://me@licence.example.com",
        "ftp://127.0.0.1",
        "http://10.0.0.1",
        "https://" + "x" * 300,
        "https://a b.example.com",
        "https://[::1",
    ],
)
def test_an_issuer_that_no_licence_should_carry(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(InvalidInputError, match="issuer"):
        load(tmp_path, f'issuer = "{issuer}"')


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:7410", "http://[::1]:80", "http://localhost", "https://a.ir/crm"])
def test_an_issuer_that_may_be(tmp_path: Path, issuer: str) -> None:
    assert load(tmp_path, f'issuer = "{issuer}"').issuer == issuer


def test_a_password_in_a_url_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        load(tmp_path, ISSUER + 'database = ["postgresql://me:canary@db"]')
    assert "canary" not in str(refusal.value)


def test_a_folder_that_is_no_home(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="licence-server init"):
        load_config(tmp_path, {})
