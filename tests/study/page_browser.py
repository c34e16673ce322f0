"""Hands and eyes for tests of the page: a headless Chromium, and what a participant does in it."""

import shutil
import time

import pytest

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
SKIP = pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="needs Chromium and chromedriver on the PATH")
PATIENCE_S = 60
PLAYERS = """
const FACTS = ["currentTime", "duration", "paused", "ended", "seeking", "readyState"];
return [...document.querySelectorAll("audio")].map((player) => ({
  ...Object.fromEntries(FACTS.map((name) => [name, player[name]])),
  error: player.error && player.error.message,
  played: [...Array(player.played.length).keys()].map((i) => [player.played.start(i), player.played.end(i)]),
}))
"""
"""What to know of the page's players where something that they should bring about never comes."""


def open_browser():
    """A headless Chromium that can play sounds."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    wanted = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--window-size=1280,1000")
    for argument in (*wanted, "--autoplay-policy=no-user-gesture-required"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_page_load_timeout(PATIENCE_S)
    driver.set_script_timeout(PATIENCE_S)
    return driver


class Ranking:
    """A page in the browser."""

    def __init__(self, driver, site) -> None:
        self.driver, self.site = driver, site
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        self.messages()

    def open(self, path):
        """Open a path of the server, or an address."""
        self.driver.get(path if "://" in path else self.site.url + path)
        self.until("return document.documentElement.classList.contains('ready') || !document.querySelector('.send')")

    def phone(self, width):
        """A touch screen of this width from now on."""
        metrics = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": True}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def messages(self):
        """What the console has said since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def script(self, text, *arguments, wait=False):
        """Run a script; with ``wait`` until it calls its last argument."""
        return (self.driver.execute_async_script if wait else self.driver.execute_script)(text, *arguments)

    def until(self, text):
        """Wait for a script to return something true."""
        end = time.monotonic() + PATIENCE_S
        while not (found := self.script(text)):
            assert time.monotonic() < end, f"never true: {text}; players: {self.script(PLAYERS)}"
            time.sleep(0.02)
        return found

    def find(self, selector):
        """The first element, in the middle of the window: the bar at the bottom hides what is under it."""
        found = self.driver.find_element("css selector", selector)
        if not self.script("return Boolean(arguments[0].closest('.bar'))", found):
            self.script("arguments[0].scrollIntoView({block: 'center'})", found)
        return found

    def number(self, slot, rank):
        """A number below an image."""
        return self.find(f".card[data-slot={slot}] [data-rank='{rank}']")

    def image(self, slot):
        """An image."""
        return self.find(f".card[data-slot={slot}] img")

    def listen(self):
        """Press play and hear the sound to its end."""
        self.find(".play").click()
        self.wait_heard()

    def wait_heard(self):
        """Until the page says that the sound was heard."""
        self.until("return document.querySelector('.sound').classList.contains('heard')")

    def send(self):
        """Press the button, and see the next page."""
        self.find(".submit").click()
        self.wait_sent()

    def wait_sent(self):
        """Until the page that the server redirects to is there."""
        self.until("return Boolean(document.getElementById('done'))")

    def ranks(self):
        """Ranks by image as the numbers, the places and the fields show them, which must agree; images without rank are left out."""
        script = (
            "const numbers = {}, places = {}, fields = {};"
            "for (const r of document.querySelectorAll('[role=radio][aria-checked=true]')) "
            "  numbers[r.closest('.card').dataset.slot] = Number(r.dataset.rank);"
            "for (const t of document.querySelectorAll('.thumb')) places[t.dataset.piece] = Number(t.closest('.place').dataset.rank);"
            "for (const f of document.querySelectorAll('[name^=rank_]')) if (f.value) fields[f.name.slice(5)] = Number(f.value);"
            "return [numbers, places, fields]"
        )
        numbers, places, fields = self.script(script)
        assert numbers == places == fields
        return numbers

    def status(self):
        """What was announced last."""
        return self.find("[role=status]").text

    def button(self):
        """Text and state of the button that sends."""
        return self.find(".submit").text, self.find(".submit").get_attribute("aria-disabled")

    def _actions(self):
        from selenium.webdriver import ActionChains

        return ActionChains(self.driver, duration=40)

    def _drag(self, element, place):
        target = self.driver.find_element("css selector", f".place[data-rank='{place}']" if place else "h1")
        self._actions().click_and_hold(element).move_by_offset(0, 9).move_to_element(target).release().perform()

    def drag(self, slot, place):
        """Drag an image with the mouse to a place."""
        self._drag(self.image(slot), place)

    def drag_thumb(self, slot, place):
        """Drag a small picture out of the bar: to a place, or to the heading where ``place`` is None."""
        if place is None:
            self.script("scrollTo(0, 0)")
        self._drag(self.find(f".thumb[data-piece={slot}]"), place)

    def press(self, *keys):
        """Press keys by name or as characters, wherever the focus is."""
        from selenium.webdriver import Keys

        for key in keys:
            self._actions().send_keys(getattr(Keys, key) if len(key) > 1 else key).perform()

    def focus(self, selector):
        """Put the focus on an element."""
        self.script("document.querySelector(arguments[0]).focus()", selector)

    def tab_to(self, selector, open_details=False):
        """Press Tab until an element that matches has the focus; closed details on the way are opened with Enter where asked."""
        for _ in range(40):
            if self.script("return document.activeElement.matches(arguments[0])", selector):
                return
            if open_details and self.script("return document.activeElement.matches('.comment summary')"):
                self.press("ENTER")
            self.press("TAB")
        raise AssertionError(f"Tab never comes to {selector}")

    def stops(self, until):
        """Names of the groups, or texts, of what Tab comes to, up to an element that matches."""
        found = []
        for _ in range(40):
            self.press("TAB")
            if self.script("return document.activeElement.matches(arguments[0])", until):
                break
            script = "const e = document.activeElement, g = e.closest('[role=radiogroup]'); return (g || e).getAttribute('aria-label')"
            found.append(self.script(script) or "")
        return found

    def _middle(self, selector):
        script = "const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]"
        return self.script(script, selector)

    def _touch(self, kind, *points, at=None):
        where = [{"x": x, "y": y} for x, y in points]
        when = {} if at is None else {"timestamp": at}
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where, **when})

    def _swipe(self, selector, place, rest):
        start, end = self._middle(selector), self._middle(f".place[data-rank='{place}']")
        now = time.time()
        self._touch("touchStart", start, at=now)
        if rest is None:
            self.until("return Boolean(document.querySelector('.ghost'))")
        for step in range(1, 9):
            where = tuple(a + (b - a) * step / 8 for a, b in zip(start, end, strict=True))
            self._touch("touchMove", where, at=None if rest is None else now + rest + step / 100)
        self._touch("touchEnd")

    def swipe(self, slot, place, rest=None):
        """Move a finger from an image to a place: after it rested for these seconds by its own times, or until the image was taken.

        With times given the page's timers sleep, so that nothing depends on how long this machine takes from touch to touch.
        """
        if rest is not None:
            self.script("window.awake = window.setTimeout; window.setTimeout = () => 0")
        self._swipe(f".card[data-slot={slot}] .picture", place, rest)
        if rest is not None:
            self.script("window.setTimeout = window.awake")

    def swipe_thumb(self, slot, place):
        """Move a finger from a small picture in the bar to another place."""
        self._swipe(f".thumb[data-piece={slot}]", place, 0)

    def tap(self, selector):
        """Touch an element briefly, and wait for the click that comes of it; a next page has nothing to wait for."""
        self.script(
            "document.querySelector(arguments[0]).scrollIntoView({block: 'center'}); window.tapped = false;"
            "document.addEventListener('click', () => { window.tapped = true; }, { capture: true, once: true })",
            selector,
        )
        point = self._middle(selector)
        self._touch("touchStart", point)
        self._touch("touchEnd")
        self.until("return window.tapped !== false")
