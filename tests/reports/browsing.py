"""What tests of pages do in a headless Chromium; the browser itself is the fixture ``browser`` of conftest.py."""

import shutil

import pytest

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="needs Chromium and chromedriver on the PATH"),
]


def open_browser():
    """A headless Chromium that keeps its logs."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(30)
    return driver


def set_scheme(browser, scheme):
    """Ask for ``light`` or ``dark``, as the reader's system does."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def set_width(browser, width):
    """Make the window ``width`` pixels wide."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})


def open_page(browser, path):
    """Open a file in light mode at the usual size, with the browser's log emptied before."""
    browser.get_log("browser")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    set_scheme(browser, "light")
    browser.get(path.as_uri())


def load_everything(page):
    """Let lazy images load; wait until all are decoded."""
    page.execute_async_script(
        "const done = arguments[0];"
        "for (const image of document.images) image.loading = 'eager';"
        "Promise.all([...document.images].map((image) => image.decode().catch(() => null))).then(done);"
    )


def fits(page):
    """Whether the page needs no sideways scrolling."""
    return page.execute_script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def nameless(page):
    """What has no name for those who can't see it: images, players and scrolling regions, header cells without a scope."""
    selectors = ("img:not([alt])", "img[alt='']", "audio:not([aria-label])", ".scroll:not([aria-label])", "main th:not([scope])")
    return [found for selector in selectors for found in page.find_elements("css selector", selector)]
