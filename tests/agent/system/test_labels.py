"""SELinux's labels are compared and put right where it is on, and nothing is asked where it is off."""

from pathlib import Path

import pytest

from agent.system.labels import Labels
from agent.system.layout import Layout
from keys.errors import StateConflictError


class Restorecon:
    """The program, which finds one wrong label until it was run."""

    def __init__(self) -> None:
        self.asked = list[tuple[str, ...]]()

    def __call__(self, *words: str) -> str:
        is_mended = any("-n" not in asked for asked in self.asked)
        self.asked.append(words)
        return "" if is_mended else f"Would relabel {words[-1]}/licence.jws from a:b:tmp_t:s0 to a:b:var_lib_t:s0\n"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "var/lib/licence-agent").mkdir(parents=True)
    (tmp_path / "sys/fs/selinux").mkdir(parents=True)
    (tmp_path / "sys/fs/selinux/enforce").write_text("1")
    return Layout(tmp_path)


def test_wrong_labels_are_found_and_put_right(layout: Layout) -> None:
    restorecon = Restorecon()
    assert not Labels(layout, restorecon).are_right
    Labels(layout, restorecon).put_right()
    assert Labels(layout, restorecon).are_right
    assert restorecon.asked[0] == ("restorecon", "-R", "-n", "-v", str(layout.home))
    assert restorecon.asked[1] == ("restorecon", "-R", str(layout.home))


def test_nothing_is_asked_where_selinux_is_off(layout: Layout) -> None:
    restorecon = Restorecon()
    (layout.prefix / "sys/fs/selinux/enforce").unlink()
    assert Labels(layout, restorecon).are_right
    assert restorecon.asked == []


def test_a_machine_without_the_program_is_left_as_it_is(layout: Layout) -> None:
    def run(*_words: str) -> str:
        raise StateConflictError("This system has no restorecon.")

    Labels(layout, run).put_right()
    assert Labels(layout, run).are_right
