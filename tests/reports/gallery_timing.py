"""What a reader waits for, by the browser's own clock: the first table, and tasks that block scrolling and sorting."""

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import urlopen

import websocket

# Runs before the page's scripts. A frame in which a table has a height has painted it when the next one begins.
_WATCH = """
window.measured = {table: 0, tasks: [], gaps: []};
new PerformanceObserver((list) => { for (const entry of list.getEntries()) measured.tasks.push([entry.startTime, entry.duration]); })
  .observe({type: 'longtask', buffered: true});
let before = 0, seen = false;
const frame = (now) => {
  if (seen && !measured.table) measured.table = performance.now();
  // Asked until it is there only: asking makes the browser lay out.
  seen = seen || Boolean(document.querySelector('main table')?.offsetHeight);
  if (before) measured.gaps.push([before, now - before]);
  before = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""

_SCROLL = """
const done = arguments[1], step = arguments[0], box = document.getElementById('gallery-scroller');
box.scrollTop = 0;
const begun = performance.now(), end = box.scrollHeight - box.clientHeight;
let top = 0, most = 0, frames = 0;
const next = () => {
  if (top >= end || performance.now() - begun > 20000) return setTimeout(() => done([begun, performance.now(), most, top / end]), 300);
  top = Math.min(end, top + step);
  box.scrollTop = top;
  if (frames++ % 20 === 0) most = Math.max(most, document.querySelectorAll('.g-row').length);
  return requestAnimationFrame(next);
};
next();
"""

_SORT = """
const done = arguments[2], form = document.getElementById('gallery-form');
const begun = performance.now();
form.elements[arguments[0]].value = arguments[1];
form.elements[arguments[0]].dispatchEvent(new Event(arguments[0] === 'text' ? 'input' : 'change', {bubbles: true}));
requestAnimationFrame(() => setTimeout(() => done([begun, performance.now()]), 300));
"""


@dataclass(frozen=True)
class Waited:
    """Milliseconds.

    Attributes:
        longest_task: that blocked the page's main thread; 0 where none took 50 ms.
        longest_gap: between two frames.
        rows: that existed at most.
        reached: share of the list that was scrolled.
    """

    longest_task: float
    longest_gap: float
    rows: int = 0
    reached: float = 0.0


def watch(browser):
    """Measure in every page that is opened from now on; gives back what ends it."""
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
    return lambda: browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def first_table(browser, path):
    """Open a page anew; milliseconds to the first table on the screen, to the gallery's list, and the longest task until then."""
    browser.get("about:blank")
    browser.get(path.as_uri())
    browser.execute_async_script(
        "const done = arguments[0]; const wait = () => document.querySelector('.g-row') && measured.table ? setTimeout(done, 200)"
        " : setTimeout(wait, 20); wait();"
    )
    gallery = browser.execute_script("window.ready = performance.now() - 200; return ready")
    return browser.execute_script("return measured.table"), gallery, _within(browser, 0, gallery).longest_task


def scroll(browser, step):
    """Scroll the whole gallery by ``step`` pixels a frame, for 20 s at most."""
    begun, ended, rows, reached = browser.execute_async_script(_SCROLL, step)
    waited = _within(browser, begun, ended)
    return Waited(waited.longest_task, waited.longest_gap, rows, reached)


def choose(browser, name, value):
    """Set a field of the gallery's form, as a reader does."""
    return _within(browser, *browser.execute_async_script(_SORT, name, value))


def _within(browser, begun, ended):
    task, gap = browser.execute_script(
        "const longest = (list) => Math.max(0, ...list.filter(([at]) => at >= arguments[0] && at <= arguments[1]).map(([, ms]) => ms));"
        "return [longest(measured.tasks), longest(measured.gaps)]",
        begun,
        ended,
    )
    return Waited(task, gap)


@contextmanager
def longest_by_processor(browser):
    """Yields a list that gets, at the end, the most processor milliseconds that a task of the page's main thread took.

    Unlike a task's duration, that holds nothing of the time that other processes took from the browser.
    """
    address = browser.capabilities["goog:chromeOptions"]["debuggerAddress"]
    with urlopen(f"http://{address}/json/version") as answer:  # the browser's own port on this machine
        url = json.load(answer)["webSocketDebuggerUrl"]
    socket, found = websocket.create_connection(url, suppress_origin=True, timeout=60), []
    socket.send(json.dumps({"id": 1, "method": "Tracing.start", "params": {"categories": "toplevel"}}))
    socket.recv()
    yield found
    socket.send(json.dumps({"id": 2, "method": "Tracing.end"}))
    events = []
    while (message := json.loads(socket.recv())).get("method") != "Tracing.tracingComplete":
        if message.get("method") == "Tracing.dataCollected":
            events += message["params"]["value"]
    socket.close()
    main = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    tasks = defaultdict(list)
    for event in events:
        if event["ph"] == "X" and (event["pid"], event["tid"]) in main:
            tasks[event["pid"]].append(event.get("tdur", 0) / 1e3)
    # Of the renderers, the page's is the one that did most.
    found.append(max(max(tasks.values(), key=sum)))
