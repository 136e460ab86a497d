"""A real Chromium without a window, whose every connection can go by way of a name service of ours."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

PATIENCE = 30
_WORDS = (
    "--headless=new",
    "--no-sandbox",  # root may not have one; the pages here are ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--proxy-bypass-list=<-loopback>",  # without it loopback names would not be asked for
    # The newest browsers ask before a page of the internet may call this machine. Others do not, and people say yes.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,HttpsUpgrades",
)


@contextmanager
def chromium(name_service: int | None = None, *words: str) -> Iterator[Chrome]:
    """Start one.

    Args:
        name_service: the port of a names.NameService; without it the system looks names up.
        words: more for its command line.
    """
    options, driver = ChromeOptions(), shutil.which("chromedriver")
    options.accept_insecure_certs = True  # the reader clicks every warning away
    options.binary_location = shutil.which("chromium") or ""
    assert options.binary_location
    assert driver, "chromium and chromium-driver have to be installed"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    proxy = () if name_service is None else (f"--proxy-server=socks5://127.0.0.1:{name_service}",)
    for word in (*_WORDS, *proxy, *words):
        options.add_argument(word)
    browser = Chrome(options=options, service=ChromeService(driver))
    try:
        browser.set_script_timeout(PATIENCE)
        browser.set_page_load_timeout(PATIENCE)
        yield browser
    finally:
        browser.quit()


def attacked(browser: Chrome, target: str, token: str) -> list[str]:
    """Let the attacker's page that is open attack a server; return all that it could read."""
    wait = "attack(...arguments).then(arguments[2], (error) => arguments[2]([`broken: ${error}`]))"
    found: list[str] = browser.execute_async_script(wait, target, token)
    return found
