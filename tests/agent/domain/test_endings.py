"""What many endings cost: entries are kept for what is live, and tidied late."""

from agent.domain.endings import Endings


class Counted(Endings):
    """Endings that count how often all of them were looked at."""

    tidied = 0

    def _tidy(self) -> None:
        self.tidied += 1
        super()._tidy()


def test_what_is_put_off_or_put_again_has_one_entry() -> None:
    endings = Endings()
    for moment in (5, 5, 6, 6, 700):
        endings.put("a", moment)
    assert len(endings._heap) == 1
    assert [*endings.past(699), endings["a"]] == [700]
    assert list(endings.past(700)) == ["a"]


def test_what_was_removed_holds_up_nothing_that_ends_after_it() -> None:
    endings = Endings()
    for moment, name in enumerate("abc"):
        endings.put(name, moment)
    endings.remove("a")
    assert list(endings.past(1)) == ["b"]


def test_among_many_that_are_live_nothing_is_tidied() -> None:
    endings = Counted()
    for number in range(1000):
        endings.put(str(number), number)
    assert endings.tidied == 0


def test_there_are_twice_as_many_entries_as_are_live_and_64_before_they_are_tidied() -> None:
    endings, lengths = Counted(), list[int]()
    endings.put("a", 1000)
    endings.put("b", 1000)
    while not endings.tidied:
        lengths.append(len(endings._heap))
        endings.put("a", 1000 - len(lengths))
    assert (lengths[-1], len(endings._heap)) == (2 * 2 + 64, 2)
    assert list(endings.past(999)) == ["a"]
