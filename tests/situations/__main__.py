"""Write the table of situations into docs/troubleshooting.md: ``python -m tests.situations``."""

from tests.situations.table import PAGE, ROOT, page_with, rendered, shown_in

if __name__ == "__main__":
    PAGE.write_text(page_with(rendered(shown_in(ROOT / "tests"))))
