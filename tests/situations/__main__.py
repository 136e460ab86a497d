"""Write the table of situations into docs/troubleshooting.md, and docs/fa's: ``python -m tests.situations``."""

from tests.situations import persian
from tests.situations.table import PAGE, ROOT, page_with, rendered, shown_in

if __name__ == "__main__":
    shown = shown_in(ROOT / "tests")
    PAGE.write_text(page_with(rendered(shown)))
    persian.PAGE.write_text(page_with(persian.rendered(shown), persian.PAGE))
