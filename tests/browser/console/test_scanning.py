"""A request's QR codes before the camera of a real browser, and its answer read off a telephone's screen."""

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from keys.carried import parts_of, read_carried
from keys.drawing import as_png
from licence_server.domain.outage import Declaration
from tests.browser.chromium import PATIENCE, chromium
from tests.browser.console.page import NARROW, Page
from tests.browser.console.test_pages import enter
from tests.contract.serving import on_a_socket
from tests.keys.pictures import opened, photographed, read_codes
from tests.licence_server.office import ME, Office, device_at

pytestmark = pytest.mark.long

EXCHANGE = "/console/exchange"
FRAME, CODE, FRAMES = (640, 480), 460, 12
START, STOP, SEND = "[data-scan] > button", "[data-view] button", "main form [type=submit]"
LISTEN = """
window.heard = [];
const said = document.querySelector("[data-scan] [role=status]");
new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true });
"""
NATIVE = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return TEXTS.map((rawValue) => ({ rawValue })); }
};
"""
REFUSAL = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NAME'); };"
NO_DEVICES = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
ASK = (
    "navigator.mediaDevices.getUserMedia({video: true}).then(() => arguments[0]('yes'), (no) => arguments[0](no.name))"
)


def film(path: Path, texts: Sequence[str]) -> Path:
    """What a camera sees before which somebody holds one code after another, again and again."""
    with path.open("wb") as file:
        for text in texts:
            frame = Image.new("L", FRAME, 120)
            code = opened(as_png([text])).resize((CODE, CODE), Image.Resampling.BILINEAR)
            frame.paste(code.rotate(3, Image.Resampling.BICUBIC, fillcolor=120), (90, 10))
            content = BytesIO()
            frame.convert("RGB").save(content, "JPEG", quality=70)
            file.write(content.getvalue() * FRAMES)
    return path


@contextmanager
def filmed(office: Office, path: Path, texts: Sequence[str]) -> Iterator[Page]:
    """The console in a browser whose camera sees codes."""
    words = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film(path, texts)}",
    )
    with chromium(None, *words) as browser, on_a_socket(office.app) as url:
        page = Page(browser, url)
        page.begin()
        yield page
        assert page.complaints() == []


def beforehand(browser: Chrome, script: str) -> str:
    """Let a script run in every page before those of the page."""
    made = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    return str(made["identifier"])


def status(page: Page) -> str:
    return page.find("[data-scan] [role=status]").text


def wait(page: Page, words: str) -> None:
    WebDriverWait(page.browser, PATIENCE, 0.05).until(lambda _: words in status(page))


def test_codes_are_read_and_answered_in_codes(office: Office, tmp_path: Path) -> None:
    _, code = office.sell()
    device = device_at(office)
    parts = parts_of(device.activation_request(code))
    count = len(parts)
    with filmed(office, tmp_path / "film.mjpeg", parts) as page:
        page.size(NARROW)
        enter(page, office)
        page.open(EXCHANGE)
        page.speak("fa")
        page.browser.execute_script(LISTEN)
        page.find(START).send_keys("\n")
        wait(page, "همهٔ کدها خوانده شد")
        heard = page.browser.execute_script("return window.heard")
        assert any(said.startswith(f"{'۰۱۲۳۴'[count - 1]} از {'۰۱۲۳۴'[count]} کد") for said in heard), heard
        typed = page.find("#request").get_attribute("value") or ""
        assert sorted(typed.split("\n")) == sorted(parts)
        assert page.browser.execute_script("return document.querySelector('video').srcObject") is None
        page.enter()
        page.find("details summary").click()
        screen = page.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        texts = read_codes(opened(b64decode(screen["data"])))
        assert len(texts) == len(page.browser.find_elements(By.CSS_SELECTOR, "img.carried"))
        assert page.overflow() <= 0
        assert page.faults() == []
    document, trust = read_carried("\n".join(texts).encode())
    assert device.take(document).status == "active"
    assert trust == office.server.vault.trust_document


def test_the_browsers_own_reader_is_taken_and_says_what_is_missing(office: Office, tmp_path: Path) -> None:
    parts = parts_of(b"x" * 900)
    with filmed(office, tmp_path / "film.mjpeg", parts) as page:
        enter(page, office)
        beforehand(page.browser, NATIVE.replace("TEXTS", json.dumps(["https://example.com", *parts[:2]])))
        for language, words in (("fa", "۲ از ۳ کد خوانده شد. مانده: ۳"), ("en", "2 of 3 codes are read. Missing: 3")):
            page.open(EXCHANGE)
            page.speak(language)
            page.find(START).click()
            wait(page, words)
            assert page.faults() == []
            page.size(NARROW)
            assert page.left_over() <= 0
        page.press("\n")
        assert (page.find(STOP).is_displayed(), page.find(START).is_displayed(), status(page)) == (False, True, "")
        assert page.browser.switch_to.active_element == page.find(START)
        assert page.browser.execute_async_script(ASK) == "yes"
        page.open("/console/customers")
        page.expected.append("Permissions policy violation")
        assert page.browser.execute_async_script(ASK) == "NotAllowedError"


def test_an_outage_is_read_off_a_telephone(page: Page, office: Office) -> None:
    now = office.clock.now()
    declared = office.server.declaring.declare(Declaration(now, now + 86_400, 7, None, "قطع اینترنت"), ME)
    enter(page, office)
    page.open("/console/outages")
    page.submit("main td a[href$=codes]")
    assert page.everywhere(urlsplit(page.browser.current_url).path, "outage") == {}
    page.size(NARROW)
    screen = page.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    texts = read_codes(opened(b64decode(screen["data"])))
    assert read_carried("\n".join(texts).encode()) == read_carried(office.server.declaring.content(declared))


class _Chooser:
    """Somebody at the page Exchange who chooses pictures."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder = page, folder

    def __call__(self, box: str, words: str, *pictures: Image.Image | bytes) -> None:
        """Choose pictures, or what is none, and wait until something is said of them."""
        paths = [self.folder / f"IMG_{number}.png" for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            path.write_bytes(picture) if isinstance(picture, bytes) else picture.save(path)
        self.page.find(box).send_keys("\n".join(map(str, paths)))
        wait(self.page, words)

    @property
    def text(self) -> list[str]:
        return sorted((self.page.find("#request").get_attribute("value") or "").split("\n"))


def test_pictures_of_codes_are_read_here_and_answered(page: Page, office: Office, tmp_path: Path) -> None:
    parts = parts_of(device_at(office).activation_request(office.sell()[1]))
    other, single = parts_of(b"x" * 900), [photographed(opened(as_png([part])), 9) for part in parts]
    enter(page, office)
    choose = _Chooser(page, tmp_path)
    page.open(EXCHANGE)
    page.speak("fa")
    choose("#pictures", f"۱ از {'۰۱۲۳۴'[len(parts)]} کد خوانده شد. مانده: ۲", single[0])
    assert page.browser.switch_to.active_element == page.find("#pictures")
    page.speak("en")
    choose(
        "#pictures",
        "No QR code was found in \u2068IMG_0.png\u2069, \u2068IMG_1.png\u2069.",
        single[0].crop((0, 0, 50, 50)),
        b"text",
    )
    choose("#pictures", "This QR code is no part of a request.", opened(as_png(["https://example.com"])))
    choose("#pictures", f"1 of {len(parts)} codes are read. Missing: 2", single[0])
    choose("#pictures", "This code is of another request", opened(as_png(other[:1])))
    assert page.faults() == []
    choose("#pictures", "All codes are read", *single[1:])
    assert choose.text == sorted(parts)
    assert page.browser.switch_to.active_element == page.find(SEND)
    page.open(EXCHANGE)
    choose("#file", "All codes are read", photographed(opened(as_png(parts)), 5))
    assert choose.text == sorted(parts)
    page.enter()
    assert "licence-agent import answer-" in page.text


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("", "There is no camera here."),
        (REFUSAL.replace("NAME", "NotAllowedError"), "Allow it beside the address"),
        (REFUSAL.replace("NAME", "NotReadableError"), "Another program has the camera."),
        (REFUSAL.replace("NAME", "OverconstrainedError"), "The camera does not work here."),
        (NO_DEVICES, "Open the console under its https address"),
    ],
)
def test_why_there_is_no_camera_is_said_with_what_to_do(page: Page, office: Office, script: str, said: str) -> None:
    enter(page, office)
    made = beforehand(page.browser, script)
    page.open(EXCHANGE)
    page.speak("en")
    page.find(START).click()
    wait(page, said)
    assert page.browser.switch_to.active_element == page.find(START)
    page.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": made})
