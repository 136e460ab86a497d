"""Program trees on a real disk: whole or not there, one in force, and the one before until it is no longer needed."""

import stat
from pathlib import Path

import pytest

from agent.system.layout import Layout
from agent.system.trees import Trees, name_of
from keys.errors import InvalidInputError, SignatureInvalidError, StateConflictError
from keys.sentences import phrase
from tests.faults.smalldisk import small_disk


def tree(folder: Path, said: str) -> Path:
    """A tree whose program says something."""
    for name, content in {"bin/licence-agent": f"#!/bin/sh\necho {said}\n", "lib/deep/module.py": said}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o600)
    (folder / "bin/licence-agent").chmod(0o700)
    (folder / "bin/agent").symlink_to("licence-agent")
    return folder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "machine")


def install(layout: Layout, source: Path) -> Trees:
    trees = Trees(layout, source)
    trees.lay()
    trees.switch()
    trees.link_command()
    return trees


def test_a_tree_comes_into_force_for_everybody(layout: Layout, tmp_path: Path) -> None:
    trees = install(layout, tree(tmp_path / "one", "one"))
    assert trees.is_laid
    assert trees.has_command
    assert (trees.current, trees.before, trees.others) == (trees.offered, None, [])
    assert (layout.current / "bin/agent").read_text() == "#!/bin/sh\necho one\n"
    modes = {
        name: stat.S_IMODE((layout.current / name).stat().st_mode)
        for name in ("bin", "bin/licence-agent", "lib/deep/module.py")
    }
    assert modes == {"bin": 0o755, "bin/licence-agent": 0o755, "lib/deep/module.py": 0o644}
    assert str(layout.command.readlink()) == "/opt/licence-agent/bin/licence-agent"


def test_the_one_before_stays_until_the_new_one_is_confirmed(layout: Layout, tmp_path: Path) -> None:
    one = install(layout, tree(tmp_path / "one", "one")).offered
    two = install(layout, tree(tmp_path / "two", "two"))
    assert (two.current, two.before) == (two.offered, one)
    two.sweep()
    assert (layout.trees / str(one)).is_dir()
    two.confirm()
    assert two.others == [layout.trees / str(one)]
    two.sweep()
    assert [path.name for path in sorted(layout.trees.iterdir())] == ["licence-agent", two.offered]


def test_what_does_not_come_up_gives_way_to_what_did(layout: Layout, tmp_path: Path) -> None:
    one = install(layout, tree(tmp_path / "one", "one")).offered
    install(layout, tree(tmp_path / "two", "two"))
    three = install(layout, tree(tmp_path / "three", "three"))
    assert three.before == one, "nobody saw the second one at work"
    three.go_back()
    assert three.current == one
    assert (layout.current / "lib/deep/module.py").read_text() == "one"
    three.confirm()
    three.sweep()
    assert [path.name for path in sorted(layout.trees.iterdir())] == ["licence-agent", one]


def test_half_a_tree_is_none(layout: Layout, tmp_path: Path) -> None:
    source = tree(tmp_path / "one", "one")
    name = name_of(source)
    (layout.trees / f".{name}.draft/bin").mkdir(parents=True)
    (layout.trees / ".licence-agent-0123456789ab.gone/bin").mkdir(parents=True)
    trees = Trees(layout, source)
    assert not trees.is_laid
    trees.lay()
    trees.sweep()
    assert [path.name for path in layout.trees.iterdir()] == [name]


@pytest.mark.threat(56)
def test_what_came_otherwise_than_it_was_checked_is_not_laid(layout: Layout, tmp_path: Path) -> None:
    source = tree(tmp_path / "one", "one")

    def check(folder: Path) -> None:
        if (folder / "lib/deep/module.py").read_text() != "one":
            raise SignatureInvalidError(phrase("changed"))

    trees = Trees(layout, source, check)
    (source / "lib/deep/module.py").write_text("another")
    with pytest.raises(SignatureInvalidError):
        trees.lay()
    assert list(layout.trees.iterdir()) == []


def test_the_same_content_has_the_same_name(tmp_path: Path) -> None:
    assert name_of(tree(tmp_path / "one", "same")) == name_of(tree(tmp_path / "two", "same"))


@pytest.mark.parametrize("change", ["content", "name", "link", "program"])
def test_another_content_has_another_name(tmp_path: Path, change: str) -> None:
    one = tree(tmp_path / "one", "same")
    before = name_of(one)
    if change == "content":
        (one / "lib/deep/module.py").write_text("changed")
    elif change == "name":
        (one / "lib/deep/module.py").rename(one / "lib/deep/other.py")
    elif change == "link":
        (one / "bin/agent").unlink()
        (one / "bin/agent").symlink_to("elsewhere")
    else:
        (one / "lib/deep/module.py").chmod(0o755)
    assert name_of(one) != before


def test_removed_is_everything_of_ours_and_nothing_else(layout: Layout, tmp_path: Path) -> None:
    install(layout, tree(tmp_path / "one", "one"))
    install(layout, tree(tmp_path / "two", "two"))
    (layout.trees / "google").mkdir()
    trees = Trees(layout)
    assert trees.is_ours
    trees.remove()
    assert not Trees(layout).is_ours
    assert [path.name for path in layout.trees.iterdir()] == ["google"]
    assert not layout.command.is_symlink()


def test_a_packages_tree_is_left_alone(layout: Layout, tmp_path: Path) -> None:
    tree(layout.current, "packaged")
    with pytest.raises(StateConflictError, match="dpkg"):
        Trees(layout, tree(tmp_path / "one", "one"))
    trees = Trees(layout)
    assert str(trees.program) == "/opt/licence-agent/bin/licence-agent"
    trees.link_command()
    assert trees.has_command
    assert not trees.is_ours


def test_somebody_elses_command_is_left_alone(layout: Layout, tmp_path: Path) -> None:
    layout.command.parent.mkdir(parents=True)
    layout.command.write_text("somebody's")
    trees = Trees(layout, tree(tmp_path / "one", "one"))
    trees.lay()
    trees.switch()
    assert not trees.has_command
    with pytest.raises(StateConflictError, match="Move it away"):
        trees.link_command()


def test_what_is_no_tree_is_refused(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no tree of the agent"):
        Trees(layout, tmp_path)


def test_a_program_that_lies_in_no_tree_needs_none(layout: Layout) -> None:
    trees = Trees(layout)
    assert trees.program is None
    assert trees.has_command
    trees.link_command()
    trees.lay()
    trees.go_back()
    assert not layout.prefix.exists()


def test_a_disk_that_has_no_room_for_a_tree_keeps_none_of_it(tmp_path: Path) -> None:
    source = tree(tmp_path / "one", "one")
    (source / "large").write_bytes(b"x" * (2 << 20))
    (source / "larger").write_bytes(b"x" * (2 << 20))
    with small_disk(tmp_path / "disk", 1) as disk:
        layout = Layout(disk)
        with pytest.raises(StateConflictError, match=r"No space left on device.*df -h") as refused:
            Trees(layout, source).lay()
        assert str(refused.value).count("Errno") == 1, "one reason, not every file"
        assert list(layout.trees.iterdir()) == []
