"""What browsers say that they are, in words that their owners know. Nobody has to tell the truth there."""

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""Those first that also name others."""
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_LONGEST = 60


def spoken(agent: str) -> str:
    """Return browser and system of a User-Agent (``Firefox · Windows``), or its beginning where neither is known."""
    found = [_first(agent, _BROWSERS), _first(agent, _SYSTEMS)]
    return " · ".join(filter(None, found)) or agent[:_LONGEST]


def _first(agent: str, words: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in words if sign in agent), "")
