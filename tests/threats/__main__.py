"""Write the table of threats into docs/security.md: ``python -m tests.threats``."""

from tests.threats.table import PAGE, ROOT, page_with, rendered, shown_in

if __name__ == "__main__":
    PAGE.write_text(page_with(rendered(shown_in(ROOT / "tests"))))
