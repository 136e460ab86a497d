"""What a browser says it is, in words that people know."""

import pytest

from licence_server.web.console.browsers import spoken

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Windows"),
        (f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge · Windows"),
        (f"{MOZILLA} (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36", "Chrome · Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36", "Chrome · ChromeOS"),
        (f"{MOZILLA} (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome · Android"),
        (f"{MOZILLA} (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet · Android"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/142.0 Safari/604.1", "Chrome · iPhone"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15", "Safari · macOS"),
        ("curl/8.0", "curl/8.0"), ("", ""), ("x" * 100, "x" * 60), ("<script>", "<script>"),
    ],
)  # fmt: skip
def test_it_is_named(agent: str, shown: str) -> None:
    assert spoken(agent) == shown
