"""What a test does in a browser: opens, types, looks, and lets axe-core judge."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.chromium import PATIENCE
from tests.contract.npm import packages

WIDE, NARROW = (1280, 800), (375, 740)
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""Folder to keep pictures in; without it none are kept, so that a run of the tests changes no file."""
_COUNTED = {"WARNING", "SEVERE"}
_AXE = "axe.run().then((found) => arguments[0](found.violations), (error) => arguments[0](`${error}`))"


@dataclass
class Page:
    """A browser at a console."""

    browser: Chrome
    url: str
    expected: list[str] = field(default_factory=list)
    """Parts of complaints that a test provokes on purpose, such as a status."""

    def begin(self) -> None:
        """Forget everything of the test before."""
        self.browser.get(f"{self.url}/console/static/")  # cookies are of the page that is open
        self.browser.delete_all_cookies()
        self.size(WIDE)
        self.colours("light")
        self.browser.get_log("browser")

    def open(self, path: str = "/console") -> None:
        self.browser.get(self.url + path)

    def size(self, size: tuple[int, int]) -> None:
        """Make the page, not the window, so wide and high."""
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == NARROW}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def colours(self, scheme: str) -> None:
        """Let the system ask for light or dark colours."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def speak(self, language: str) -> None:
        """Press the button of a language."""
        self.submit(f"button[name=language][value={language}]")

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def wait_for(self, selector: str) -> WebElement:
        """Wait until something is there."""
        return WebDriverWait(self.browser, PATIENCE, 0.05).until(lambda _: self.find(selector))

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self.browser.switch_to.active_element.send_keys(*keys)

    def tab(self, times: int = 1) -> WebElement:
        """Go on with the keyboard; return what has the focus then."""
        for _ in range(times):
            self.press(Keys.TAB)
        return self.browser.switch_to.active_element

    def enter(self) -> None:
        """Press Enter where the focus is, and wait for the page that it leads to."""
        self._leave(lambda: self.press(Keys.ENTER))

    def carry(self, cookie: str, value: str) -> None:
        """Have a cookie from now on."""
        self.browser.add_cookie({"name": cookie, "value": value, "path": "/"})

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            box = self.find(f"[name={name}]")
            box.clear()
            box.send_keys(text)

    def submit(self, selector: str = "main form [type=submit]") -> None:
        """Press a button that leads to another page, and wait until that is there."""
        button = self.find(selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        self._leave(button.click)

    def _leave(self, how: Callable[[], object]) -> None:
        before = self.find("html")
        how()
        WebDriverWait(self.browser, PATIENCE, 0.05).until(lambda _: self.find("html") != before and self._is_loaded())

    def _is_loaded(self) -> bool:
        return bool(self.browser.execute_script("return document.readyState === 'complete'"))

    @property
    def text(self) -> str:
        return str(self.find("main").text)

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.browser.execute_script(script))

    def left_over(self) -> int:
        """Pixels by which the page is wider than the window once it is at rest: a chart follows after a moment."""
        with suppress(TimeoutException):
            WebDriverWait(self.browser, PATIENCE, 0.05).until(lambda _: self.overflow() <= 0)
        return self.overflow()

    def faults(self) -> list[str]:
        """What axe-core finds wrong: rule, and the first place."""
        # By the debugger's door: the page's own policy allows no script of ours.
        source = (packages(Path(__file__).parent) / "axe-core/axe.min.js").read_text()
        self.browser.execute_script(source)
        found: Any = self.browser.execute_async_script(_AXE)
        assert isinstance(found, list), found
        nodes = [(each["id"], each["nodes"][0]) for each in found]
        return [f"{rule}: {node['html'][:200]} {node['failureSummary']}" for rule, node in nodes]

    def complaints(self) -> list[str]:
        """What the browser wrote to its console: violations of the policy, errors, files that are not there."""
        lines = [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] in _COUNTED]
        return [line for line in lines if not any(part in line for part in self.expected)]

    def everywhere(self, path: str, name: str | None = None) -> dict[str, list[str]]:
        """Look at a page in both languages, both colour schemes and on a telephone; return what is wrong where.

        ``name``: keep pictures of it, where they are wanted.
        """
        wrong: dict[str, list[str]] = {}
        for language in ("fa", "en"):
            self.open(path)
            self.speak(language)
            for scheme in ("light", "dark"):
                self.colours(scheme)
                wrong[f"{language}, {scheme}"] = self.faults()
                if name and (language, scheme) != ("en", "dark"):
                    self.picture(f"{name}-{language}{'-dark' if scheme == 'dark' else ''}")
            self.colours("light")
            self.size(NARROW)
            left = self.left_over()
            wrong[f"{language}, narrow"] = [f"{left} pixels too wide"] if left > 0 else []
            if name and language == "fa":
                self.picture(f"{name}-{language}-phone")
            self.size(WIDE)
        return {where: what for where, what in wrong.items() if what}

    def picture(self, name: str) -> None:
        if SCREENSHOTS:
            self.browser.save_screenshot(str(Path(SCREENSHOTS) / f"{name}.png"))
