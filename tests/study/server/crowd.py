"""A server in a process of its own, and participants who talk to it over loopback."""

import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from adis_bench.study.records import Study

ENDS_S = 60.0  # a busy machine ends slowly
_ITEM = re.compile(r'name="item_id" value="([^"]+)"')
_SECRET = re.compile(r"/p/([\w-]+)")


@dataclass
class Server:
    """A running ``adis-bench study serve``; ``links`` are what it printed."""

    process: subprocess.Popen[str]
    links: list[str]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.links[0])
        return parts.hostname or "", parts.port or 0

    def kill(self) -> None:
        """As a power cut would end it, for the process."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(folder: Path, *options: str, log: Path | None = None) -> Iterator[Server]:
    """Start the command, wait for its links, and end it."""
    command = [
        sys.executable,
        "-c",
        "from adis_bench.cli.main import main; main()",
        "study",
        "serve",
        str(folder),
        "--port",
        "0",
        *options,
    ]
    with (log or Path("/dev/null")).open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
        try:
            assert process.stdout is not None
            n = int(options[options.index("--links") + 1]) if "--links" in options else 1
            yield Server(process, [process.stdout.readline().strip() for _ in range(n)])
        finally:
            process.send_signal(signal.SIGINT)
            try:
                ended = process.wait(timeout=ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            assert ended in (130, -signal.SIGKILL)  # the second where a test was the power cut


@dataclass
class Participant:
    """Somebody with a browser: one connection, and what the server acknowledged.

    Attributes:
        acknowledged: items whose answers the server said to have taken.
        seconds: of each request.
    """

    address: tuple[str, int]
    study: Study
    path: str = ""
    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, page and where a redirect leads."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.address, timeout=300)
        body = None if fields is None else urlencode(fields)
        headers = {} if fields is None else {"Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.seconds.append(time.perf_counter() - began)
        return response.status, text, response.headers.get("location", "")

    def join(self, link: str) -> None:
        """Agree on the open link."""
        status, _, self.path = self.ask("POST", urlsplit(link).path, {"consent": "yes"})
        assert status == 303

    def fields(self, item_id: str, shift: int = 0) -> dict[str, str]:
        """An answer to an item."""
        k = self.study.n_methods
        ranks = {f"rank_{slot}": str((i + shift) % k + 1) for i, slot in enumerate(self.study.slots)}
        return {"item_id": item_id, **ranks, "seconds": "5.5", "plays": "1", "comment": f"by {self.path}"}

    def look(self) -> tuple[str, str]:
        """The page, and the item on it or nothing."""
        status, page, _ = self.ask("GET", self.path)
        assert status == 200, page
        found = _ITEM.search(page)
        return page, found.group(1) if found else ""

    def answer(self, item_id: str) -> str:
        """Send an answer; returns where the server sends the browser."""
        status, page, location = self.ask("POST", self.path, self.fields(item_id, len(self.acknowledged)))
        assert status == 303, page
        if not location.endswith("/late"):
            self.acknowledged.append(item_id)
        return location

    def work(self, most: int = 10**6, waits_s: float = 3.0) -> "Participant":
        """Answer until there is nothing left, or ``most`` times; then leave with the next page open.

        Args:
            most: answers.
            waits_s: between looks where all is with others. Pages wait 20 s; a crowd that looked every second would be the most of the
                server's work.
        """
        while True:
            page, item_id = self.look()
            if len(self.acknowledged) >= most:
                break
            if item_id:
                self.answer(item_id)
            elif "Look again" in page:
                time.sleep(waits_s)
            else:
                break
        return self


def work_at_once(people: list[Participant], link: str, most: list[int]) -> float:
    """Let all of them join and work at the same time; returns the seconds that it took."""

    def live(person: Participant, n: int) -> None:
        person.join(link)
        person.work(n)

    began = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(live, people, most))
    return time.perf_counter() - began
