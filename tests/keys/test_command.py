"""How every command line of ours behaves, whatever happens inside."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from keys.command import LONGEST_WORD, Commands, GivenFile, LazyCommands, NewFile, json_option, read_given, show, tell
from keys.errors import CodeUsedError, UnreachableError


@click.group(cls=Commands)
def main() -> None:
    """A command line of ours."""


@main.command()
@json_option
@click.argument("name", default="سارا")
def greet(name: str, as_json: bool) -> None:
    tell("working")
    show({"name": name}, as_json, lambda: f"Hello {name}")


@main.command()
@click.argument("how")
def fail(how: str) -> None:
    failures = {
        "refused": CodeUsedError("It was used on 1 March."),
        "unreachable": UnreachableError("Nobody answers."),
        "disk": PermissionError(13, "Permission denied", "/root/x"),
        "bare": OSError("the cable is out"),
        "bug": KeyError("secret value"),
    }
    raise failures[how]


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_the_result_goes_to_stdout_and_all_else_to_stderr() -> None:
    result = run("greet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Hello سارا\n", "working\n")


def test_json_is_one_object_and_readable() -> None:
    result = run("greet", "--json")
    assert result.stdout == '{\n  "name": "سارا"\n}\n'


def test_letters_that_a_terminal_lacks_end_nothing() -> None:
    runner = CliRunner(charset="latin-1")
    said = runner.invoke(main, ["greet", "é سا"])
    assert (said.exit_code, said.stdout) == (0, "Hello é \\u0633\\u0627\n")
    assert json.loads(runner.invoke(main, ["greet", "--json", "سا\U0001f600"]).stdout) == {"name": "سا\U0001f600"}


def test_what_could_steer_a_terminal_is_escaped() -> None:
    """C1 controls and marks that turn the direction: a name from outside may hold them."""
    for arguments in (("greet", "a\x9b2J\u202eb\x1b"), ("greet", "--json", "a\x9b2J\u202eb\x1b")):
        result = run(*arguments)
        assert "\\u009b2J\\u202eb\\u001b" in result.stdout
    assert json.loads(result.stdout) == {"name": "a\x9b2J\u202eb\x1b"}


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("refused", 1, "code-used: It was used on 1 March.\n"),
        ("unreachable", 3, "unreachable: Nobody answers.\n"),
        ("disk", 1, "/root/x: Permission denied. Mend this and run the command again.\n"),
        ("bare", 1, "The machine: the cable is out. Mend this and run the command again.\n"),
    ],
)
def test_a_refusal_is_one_line_and_an_exit_code(how: str, code: int, said: str) -> None:
    result = run("fail", how)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", said)


def test_a_bug_shows_neither_traceback_nor_values() -> None:
    result = run("fail", "bug")
    assert result.exit_code == 1
    assert "internal error: KeyError" in result.stderr
    assert "secret value" not in result.output
    assert "Traceback" not in result.output


def test_a_developer_can_see_where() -> None:
    assert isinstance(run("fail", "bug", LICENCE_TRACEBACK="1").exception, KeyError)


@pytest.mark.parametrize("arguments", [("nothing",), ("greet", "--yaml"), ("fail",)])
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("x" * (LONGEST_WORD + 1), "A word of the command is longer than 4096 characters."),
        ("nul\0", "A word of the command is not text in UTF-8."),
        ("a half \ud800", "A word of the command is not text in UTF-8."),
        ("half \udfff", "A word of the command is not text in UTF-8."),
    ],
    ids=["long", "nul", "first half", "last half"],
)
def test_what_no_command_can_use_is_wrong_usage(word: str, said: str) -> None:
    result = run("greet", word)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "Usage: main [OPTIONS] COMMAND [ARGS]..."
    assert result.stderr.splitlines()[-1] == f"Error: {said}"


def test_words_up_to_the_limit_are_taken() -> None:
    assert run("greet", "x" * LONGEST_WORD).stdout == f"Hello {'x' * LONGEST_WORD}\n"
    assert run("greet", "\ue000").exit_code == 0, "beside the halves, a letter"


def test_a_file_to_write_is_a_path_and_no_folder(tmp_path: Path) -> None:
    @click.command(cls=click.Command)
    @click.argument("file", type=NewFile())
    def write(file: Path) -> None:
        tell(repr(file))

    assert CliRunner().invoke(write, ["new.pem"]).stderr == f"{Path('new.pem')!r}\n"
    for word, said in (("", "The name of the file is empty."), (str(tmp_path), f"File '{tmp_path}' is a directory.")):
        result = CliRunner().invoke(write, [word])
        assert result.exit_code == 2
        assert "Usage: write [OPTIONS] FILE" in result.stderr
        assert f"Invalid value for 'FILE': {said}" in result.stderr


def test_a_file_to_write_may_need_its_folder(tmp_path: Path) -> None:
    @click.command(cls=click.Command)
    @click.option("--there", type=NewFile(in_folder=True))
    @click.option("--anywhere", type=NewFile())
    def write(there: Path | None, anywhere: Path | None) -> None:
        tell(repr(there or anywhere))

    near, far = tmp_path / "new.pem", tmp_path / "none" / "new.pem"
    assert CliRunner().invoke(write, ["--there", str(near)]).stderr == f"{near!r}\n"
    assert CliRunner().invoke(write, ["--anywhere", str(far)]).stderr == f"{far!r}\n"
    refused = CliRunner().invoke(write, ["--there", str(far)])
    assert (refused.exit_code, "There is no folder to write the file into." in refused.stderr) == (2, True)


def test_a_file_to_read_is_there_or_standard_input(tmp_path: Path) -> None:
    @click.command(cls=click.Command)
    @click.argument("file", type=GivenFile())
    def read(file: Path) -> None:
        tell(repr(file))
        click.echo(read_given(file, 5).hex())

    (tmp_path / "given").write_bytes(b"\xff\r\n\x00four")
    assert CliRunner().invoke(read, [str(tmp_path / "given")]).stdout == "ff0d0a00666f\n"
    (tmp_path / "given").write_bytes(b"\xff\r\n")
    told = CliRunner().invoke(read, [str(tmp_path / "given")])
    assert (told.stdout, told.stderr) == ("ff0d0a\n", f"{tmp_path / 'given'!r}\n")
    assert CliRunner().invoke(read, ["-"], input=b"\xfe\x00").stdout == "fe00\n"
    for word, said in (("none", "does not exist"), (str(tmp_path), "is a directory")):
        refused = CliRunner().invoke(read, [word])
        assert (refused.exit_code, said in refused.stderr) == (2, True)


def lazy(target: str) -> LazyCommands:
    return LazyCommands("program", modules={"work": target}, extra="server", epilog="Call us.")


def test_a_command_is_loaded_when_it_is_called() -> None:
    found = lazy("tests.keys.test_command:working")
    assert found.list_commands(click.Context(found)) == ["work"]
    assert CliRunner().invoke(found, ["work"]).exit_code == 0
    assert CliRunner().invoke(found, ["play"]).exit_code == 2


def test_what_is_no_command_is_none_whatever_its_name() -> None:
    assert CliRunner().invoke(lazy("tests.keys.test_command:LONGEST_WORD"), ["work"]).exit_code == 2


def test_it_is_a_group_like_any_other() -> None:
    told = CliRunner().invoke(lazy("tests.keys.test_command:working"), ["--help"]).stdout
    assert told.startswith("Usage: program [OPTIONS]")
    assert told.endswith("Call us.\n")


def test_a_program_may_give_the_words_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["greet", "Sara"])
    assert (end.value.code, capsys.readouterr().out) == (0, "Hello Sara\n")


def test_a_missing_library_is_named_with_what_to_install() -> None:
    result = CliRunner().invoke(lazy("no_such_library.commands:work"), ["work"], prog_name="program")
    assert result.exit_code == 1
    assert result.stderr == "program needs no_such_library. Install it: pip install 'onpremise-licensing[server]'\n"


@click.command()
def working() -> None:
    """Do nothing, well."""
