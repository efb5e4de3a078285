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
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
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


def admin(page: Chrome, demo: Demo) -> None:
    """With the explanation of a refused preflight."""
    page.get(f"{demo.admin}/")
    until(page, "document.getElementById('state').textContent === 'live'")
    for _ in range(3):  # the time line has a column for each reading of the counters
        before = page.execute_script("return document.querySelectorAll('.timeline rect').length")
        traffic(demo)
        until(page, f"document.querySelectorAll('.timeline rect').length > {before}")
    page.find_element(By.CSS_SELECTOR, "#stream tr button").click()
    until(page, "document.querySelector('#answer svg')")


def playground(page: Chrome, demo: Demo, story: str) -> None:
    page.get(f"{demo.page}/playground")
    until(page, "document.body.dataset.ready")
    page.find_element(By.ID, f"story-{story}").click()
    until(page, "document.querySelector('#browser .bad')")
    page.execute_script("document.activeElement.blur()")


def take(page: Chrome, demo: Demo, folder: Path) -> None:
    for scheme in SCHEMES:
        for width, height in WIDTHS.items():
            screen(page, width, height, scheme)
            admin(page, demo)
            page.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
            save(page.get_screenshot_as_png(), folder / f"page-{width}-{scheme}.png")
            if width == 1280:
                page.execute_script("document.getElementById('explain').scrollIntoView()")
                save(page.find_element(By.ID, "explain").screenshot_as_png, folder / f"why-{scheme}.png")
            playground(page, demo, "method")
            save(page.get_screenshot_as_png(), folder / f"playground-{width}-{scheme}.png")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as profile, chrome(Path(profile)) as page, running() as demo:
        take(page, demo, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
