"""Takes the pictures in docs/images: `python -m tests.browser.pictures FOLDER`.

They are of the demo, in Chromium, as PNG files with a palette."""

import http.client
import io
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import chrome
from tests.demo import Demo, running

WIDTHS = {400: 1500, 768: 1400, 1280: 1300, 1600: 1300}  # pixels, and the height of each
SCHEMES = ("light", "dark")
COLOURS = 160


def screen(page: Chrome, width: int, height: int, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def save(png: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    # Without dithering the plain areas stay plain, and the file small.
    method = Image.Quantize.MAXCOVERAGE  # keeps the colours of a few pixels
    picture.quantize(COLOURS, method, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


def until(page: Chrome, condition: str) -> None:
    WebDriverWait(page, 30).until(lambda _: page.execute_script(f"return {condition}"))


def ask(demo: Demo, method: str, path: str, **headers: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo.proxy).netloc, timeout=20)
    connection.request(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    connection.getresponse().read()
    connection.close()


def traffic(demo: Demo) -> None:
    for _ in range(6):
        ask(demo, "GET", "/items", Origin=demo.page)
        ask(demo, "GET", "/public/greeting", Origin="https://other.example")
    ask(demo, "GET", "/down/now", Origin=demo.page)
    ask(demo, "GET", "/items", Origin="https://evil.example")
    ask(demo, "POST", "/orders", Origin="null")
    ask(demo, "OPTIONS", "/items/2", Origin=demo.page, Access_Control_Request_Method="PUT")
    ask(
        demo,
        "OPTIONS",
        "/items/2",
        Origin=demo.page,
        Access_Control_Request_Method="DELETE",
        Access_Control_Request_Headers="x-request-id,x-team,x-trace",
    )


def admin(page: Chrome, demo: Demo, columns: int = 1) -> None:
    """With the explanation of a refused preflight, and so many columns with traffic in the time line."""
    page.get(f"{demo.admin}/")
    until(page, "document.getElementById('state').textContent === 'live'")
    for number in range(columns):  # one for each reading of the counters
        before = page.execute_script("return document.getElementById('counters').textContent")
        for _ in range(1 + number * 7 % 5):
            traffic(demo)
        page.execute_script("window.before = arguments[0]", before)
        until(page, "document.getElementById('counters').textContent !== window.before")
    until(page, "!document.querySelector('#stream .none')")
    page.execute_script("document.querySelector('#stream tr button').click()")
    until(page, "document.querySelector('#answer svg')")


def playground(page: Chrome, demo: Demo, story: str) -> None:
    page.get(f"{demo.page}/playground")
    until(page, "document.body.dataset.ready")
    page.find_element(By.ID, f"story-{story}").click()
    until(page, "document.querySelector('#browser .bad')")
    page.execute_script("document.activeElement.blur()")


def why(page: Chrome) -> bytes:
    """The drawing and the policy, down to the buttons that copy, with a margin."""
    left, top, right, bottom = page.execute_script(
        "const beside = document.querySelector('#explain .beside');"
        "scrollTo(0, scrollY + beside.getBoundingClientRect().top - 40);"
        "const box = beside.getBoundingClientRect();"
        "return [box.left, box.top, box.right, document.querySelector('.copies').getBoundingClientRect().bottom]"
    )
    cropped = io.BytesIO()
    picture = Image.open(io.BytesIO(page.get_screenshot_as_png()))
    picture.crop((int(left) - 12, int(top) - 8, int(right) + 12, int(bottom) + 12)).save(cropped, "png")
    return cropped.getvalue()


def take(page: Chrome, demo: Demo, folder: Path) -> None:
    for scheme in SCHEMES:
        screen(page, 1280, 1300, scheme)
        admin(page, demo, 12)
        for width, height in WIDTHS.items():
            screen(page, width, height, scheme)
            page.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
            save(page.get_screenshot_as_png(), folder / f"page-{width}-{scheme}.png")
            if width == 1280:
                save(why(page), folder / f"why-{scheme}.png")
        for width, height in WIDTHS.items():
            screen(page, width, height, scheme)
            playground(page, demo, "method")
            save(page.get_screenshot_as_png(), folder / f"playground-{width}-{scheme}.png")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as profile, chrome(Path(profile)) as page, running() as demo:
        take(page, demo, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
