"""Persian in a terminal: sentences of the catalogue, Persian digits and dates, and both directions of writing in order.

A terminal that knows the bidirectional algorithm of Unicode (UAX 9) lays out every line by itself, most of them from
the left whatever is in it. So a piece of Persian is set apart from its neighbours as text that runs from right to left,
and in it each piece of Latin as text in the direction of its own letters. A line without Persian, such as a command to
type, has no invisible character in it, so that it can be copied.
"""

import re
import unicodedata
from datetime import UTC, datetime
from gettext import NullTranslations
from string import Formatter

from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate

from agent.cli.refusals import of_another
from agent.web.sentences import digits
from keys.command import Voice, harmless
from keys.errors import LicensingError
from keys.sentences import Moment, Row, Sentence, Translated, of

_FROM_RIGHT, _BY_ITS_LETTERS, _END = "\u2067", "\u2068", "\u2069"
_APART = re.compile(f"[{_FROM_RIGHT}{_BY_ITS_LETTERS}{_END}]")
_PERSIAN = re.compile(r"[\u0600-\u06ef\u06fa-\u06ff]")
_ASCII = re.compile(r"[-/~.$<\[]*[A-Za-z0-9](?:[!-~]| (?=[-/~.$<\[]*[A-Za-z0-9]))*")
_COLUMNS = re.compile(r"( {2,})")
_WIDTHLESS = {"Mn", "Me", "Cf"}


class Persian(Voice):
    """Speaks Persian, but for what nobody has translated."""

    def __init__(self, catalogue: NullTranslations) -> None:
        """Take the sentences by their English templates."""
        self._catalogue = catalogue

    def say(self, text: str) -> str:
        """See Voice."""
        return self._row(text) if isinstance(text, Row) else _in_order(self._rendered(text))

    def refusal(self, refusal: LicensingError) -> str:
        """See Voice. What another program said in English is said anew."""
        told = of(refusal)
        return self.say(told if isinstance(told, Sentence) else of_another(refusal.word, refusal.title, told))

    def translated(self, text: str) -> str:
        """Return a text of the catalogue as it stands there, for a page that is put in order later."""
        return self._catalogue.gettext(text) if text else ""

    def bare(self, text: str) -> str:
        """Return a sentence in Persian for a page that is put in order later."""
        return _APART.sub("", self._rendered(text))

    def page(self, text: str) -> str:
        """Put a page in order that is in Persian already, such as click's help: each column of a line by itself."""
        lines = (_COLUMNS.split(line) for line in harmless(_APART.sub("", text)).split("\n"))
        return "\n".join("".join(_in_order(_apart(cell)) for cell in cells) for cells in lines)

    def _row(self, row: Row) -> str:
        said = ""
        for literal, name, spec, _ in Formatter().parse(row.template):
            cell = "" if name is None else self._cell(row.values[name])
            padding = " " * (int((spec or "").strip("<>") or 0) - _width(cell))
            said += literal + (padding + cell if (spec or "").startswith(">") else cell + padding)
        return said.rstrip()

    def _cell(self, value: object) -> str:
        is_text = isinstance(value, str) and not isinstance(value, Sentence)
        return _in_order(_harmless(value) if is_text else self._value(value))

    def _rendered(self, text: str) -> str:
        """Return a text in Persian, with what is Latin in it set apart."""
        if isinstance(text, Translated) and "fa" in text.others:
            return _apart(digits(_harmless(text.others["fa"]), "fa"))
        if not isinstance(text, Sentence):
            return _apart(harmless(text))
        said = ""
        for literal, name, _, _ in reversed(list(Formatter().parse(self.translated(text.template)))):
            value = "" if name is None else self._value(text.values[name])
            # A sentence within another one has no full stop of its own.
            said = _apart(literal) + (value.removesuffix(".") if said[:1] in {".", ";", ")", "؛"} else value) + said
        return said

    def _value(self, value: object) -> str:
        if isinstance(value, Sentence):
            return self._rendered(value)
        if isinstance(value, Moment):
            return f"{_moment(value)} {_BY_ITS_LETTERS}UTC{_END}"
        if isinstance(value, int):
            return str(en_to_fa(str(value)))
        text = _harmless(value)
        return f"{_BY_ITS_LETTERS}{text}{_END}" if text else ""


def _harmless(value: object) -> str:
    return harmless(" ".join(str(value).split()))


def _moment(at: int) -> str:
    """Write a NumericDate as the console does: ۱۴۰۵/۱۰/۲۵ ۰۸:۰۰."""
    found = datetime.fromtimestamp(at, UTC)
    day = JalaliDate(found.date())  # type: ignore[no-untyped-call]  # its constructor takes dates and numbers alike
    return str(en_to_fa(f"{day.strftime('%Y/%m/%d')} {found:%H:%M}"))


def _apart(text: str) -> str:
    """Set apart each run of Latin words in a text: a command, a path, a name."""
    return _ASCII.sub(_run_apart, text)


def _run_apart(found: re.Match[str]) -> str:
    run = found[0].rstrip(".,:;!?'\"")
    if run.endswith(")") and run.count(")") > run.count("("):
        run = run[:-1]
    is_word = re.search("[A-Za-z]", run)
    return f"{_BY_ITS_LETTERS}{run}{_END}{found[0][len(run) :]}" if is_word else found[0]


def _in_order(text: str) -> str:
    """Let each line of a text with Persian in it run from right to left, and leave others as they are to be typed."""
    return "\n".join(_line_in_order(line) for line in text.split("\n"))


def _line_in_order(line: str) -> str:
    if not _PERSIAN.search(line):
        return _APART.sub("", line)
    text = line.lstrip(" ")
    return f"{' ' * (len(line) - len(text))}{_FROM_RIGHT}{text}{_END}"


def _width(text: str) -> int:
    """Return how many columns the last line of a text takes."""
    return sum(unicodedata.category(letter) not in _WIDTHLESS for letter in text.rpartition("\n")[2])
