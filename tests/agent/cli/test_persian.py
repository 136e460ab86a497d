"""The agent's commands in Persian: whole, in order on a terminal that knows both directions, and safe to copy from."""

import re

import pytest

from agent.cli.persian import Persian
from agent.cli.program import COMMANDS, main
from agent.cli.speaking import SpokenCommands
from keys.errors import CodeUsedError, NotFoundError, TermsNotAcceptedError, all_refusals
from keys.sentences import Moment, Translated, phrase, row, together
from tests.agent.cli.persian import APART, END, RIGHT, Persians, left_in_english
from tests.agent.cli.program import Program
from tests.agent.vendor import CODE, HARDWARE, Vendor
from tests.faults.oddserver import OddServer, plain
from tests.stories.commands import commands
from tests.translations import persian


@pytest.fixture
def program(tmp_path) -> Persians:
    return Persians(tmp_path / "one")


@pytest.mark.parametrize("words", [each for each in commands() if each.startswith("licence-agent")])
def test_every_help_is_in_persian(program: Persians, words: str) -> None:
    result = program(*words.split()[1:], "--help")
    assert (result.exit_code, left_in_english(result.stdout)) == (0, [])
    assert "\n  licence-agent " in result.stdout or "\n    licence-agent " in result.stdout


def test_the_list_of_commands_is_in_persian(program: Persians) -> None:
    said = program("--help").stdout
    assert left_in_english(said) == []
    assert "فرمان‌ها" in said
    assert all(name in said for name in COMMANDS)


def test_a_life_in_persian(program: Persians, server: OddServer, vendor: Vendor, tmp_path) -> None:
    """Every command, when all is well and when not; whatever it tells people is Persian."""
    root, request = tmp_path / "root.json", tmp_path / "request.lic"
    root.write_bytes(vendor.trust_document)
    (program.folder / "other.jws").write_text("cut")
    activation = f"activate {CODE} --server {server.url}"
    left = []
    for line, exits in (
        ("status", 0),
        ("validate", 1),
        ("doctor", 1),
        (f"activate {CODE[:-1]}A --server {server.url}", 1),
        (f"activate {CODE} --server http://127.0.0.1:9", 3),
        (activation, 0),
        (activation, 1),
        ("status", 0),
        ("validate", 0),
        (f"import {root}", 0),
        (f"import {program.folder / 'other.jws'}", 1),
        (f"request --validate -o {request}", 0),
        ("request", 2),
        ("fingerprint", 0),
        ("usage", 0),
        ("usage --next", 0),
        ("usage --days 2 --hours 2", 2),
        ("token add reports", 0),
        ("token add reports", 1),
        ("token list", 0),
        ("token remove reports", 0),
        ("token list", 0),
        ("seats", 3),
        (f"support -o {tmp_path / 'support.zip'}", 0),
        ("hardware --group nobody-has-this", 1),
        ("nonsense", 2),
        ("status --nonsense", 2),
        ("doctor", 0),
        ("deactivate", 0),
        ("status", 0),
        ("doctor", 1),
    ):
        result = program(*line.split())
        assert result.exit_code == exits, (line, result.output)
        left += [(line, each) for each in left_in_english(result.stdout + result.stderr)]
    assert left == []


def test_troubles_in_persian(activated: Persians, server: OddServer, vendor: Vendor) -> None:
    vendor.status, vendor.reason = "suspended", "payment_overdue"
    assert left_in_english(activated("validate").output) == []
    server.answer = plain(502)
    assert left_in_english(activated("validate").output) == []
    assert "سرور پروانه در" in activated("status").stdout
    activated.hardware({**HARDWARE, "product_uuid": "another", "board_serial": "another"})
    assert "انتقال" in activated("status").stdout
    assert left_in_english(activated("status").output) == []


def test_what_programs_read_stays_as_it_is(program: Persians, server: OddServer) -> None:
    english = Program(program.folder)
    program.json("activate", CODE, "--server", server.url)
    assert program.json("fingerprint") == english.json("fingerprint")
    refused, refused_in_english = program("seats"), english("seats")
    assert (refused.exit_code, refused.stderr.splitlines()[1].split()[0]) == (3, "unreachable:")
    assert refused_in_english.stderr.splitlines()[1].startswith("unreachable: The agent does not run")


def test_a_command_to_type_has_no_invisible_letters(program: Persians) -> None:
    lines = program("validate").stderr.splitlines()[1:]
    assert lines[-1] == "    licence-agent activate CODE --server URL"
    assert lines[0].startswith(f"not-activated: {RIGHT}")


@pytest.fixture
def voice() -> Persian:
    return persian()


def test_latin_in_persian_is_set_apart(voice: Persian) -> None:
    said = voice.say(phrase("{path} can't be read: {reason}.", path="/var/lib/a b", reason="Permission denied"))
    assert said == f"{RIGHT}{APART}/var/lib/a b{END} خوانده نمی‌شود: {APART}Permission denied{END}.{END}"


def test_what_comes_from_outside_turns_nothing_around(voice: Persian) -> None:
    said = voice.say(phrase("There is no token {name}.", name="a\u202eb\u2069\nc\x1b[31m"))
    assert said == f"{RIGHT}توکن {APART}a\\u202eb\\u2069 c\\u001b[31m{END} وجود ندارد.{END}"
    assert voice.say("a\u2067b") == "a\\u2067b"


def test_numbers_and_moments_are_persian(voice: Persian) -> None:
    assert voice.say(phrase("{used} of {limit}", used=12, limit=30)) == f"{RIGHT}۱۲ از ۳۰{END}"
    said = voice.say(phrase("This licence goes on until {until}.", until=Moment(1_800_000_000)))
    assert f"۱۴۰۵/۱۰/۲۵ ۰۸:۰۰ {APART}UTC{END}" in said


def test_a_sentence_in_another_has_no_full_stop(voice: Persian) -> None:
    inner = phrase("The document is not a JSON object.")
    said = voice.say(phrase("The stored trust document, trust.json, is damaged ({error})", error=inner))
    assert "نیست)" in said


def test_columns_stay_where_they_are(voice: Persian) -> None:
    one = voice.say(row("{name:<12}{value:>4}|", name=phrase("mode:"), value=7))
    other = voice.say(row("{name:<12}{value:>4}|", name=phrase("customer:"), value=1234))
    assert [len(re.sub(f"[{RIGHT}{APART}{END}\u200c]", "", each)) for each in (one, other)] == [17, 17]


def test_notices_come_in_both_languages(voice: Persian) -> None:
    notice = Translated("Two days.", {"en": "Two days.", "fa": "2 روز با licence-agent"})
    assert voice.say(notice) == f"{RIGHT}۲ روز با {APART}licence-agent{END}{END}"
    assert voice.say(Translated("Two days.")) == "Two days."


def test_sentences_follow_one_another(voice: Persian) -> None:
    said = voice.say(together(phrase("A new one is made."), phrase("Nothing was changed.")))
    assert said == f"{RIGHT}یکی تازه ساخته می‌شود. چیزی تغییر نکرد.{END}"


def test_a_refusal_of_another_program_is_said_by_its_word(voice: Persian) -> None:
    assert "منتقل کند" in voice.refusal(CodeUsedError("This code has been used by another server."))
    assert f"نسخهٔ {APART}7{END}" in voice.refusal(TermsNotAcceptedError("Version 7 of the terms must be accepted."))
    assert "وجود ندارد" in voice.refusal(NotFoundError(phrase("There is no token {name}.", name="a")))
    for word, kind in all_refusals().items():
        assert left_in_english(voice.refusal(kind.__new__(kind))) == [], word


def test_the_program_itself_stays_english() -> None:
    assert isinstance(main, SpokenCommands)
    assert main.help is not None
    assert main.help.startswith("Keep this server's licence")
