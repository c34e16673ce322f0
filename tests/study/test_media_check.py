"""Media that workers couldn't load are noticed before anything is published."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adis_bench.errors import DataError
from adis_bench.study.mturk.media_check import check_media
from tests.study.studies import make_study


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """A server whose folders behave differently, and what was asked of it."""
    asked: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            folder = self.path.split("/")[1]
            self.send_response({"good": 200, "moved": 302}.get(folder, 404))
            if folder == "moved":
                self.send_header("Location", f"http://{self.headers['Host']}/good/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_one_medium_is_asked_for(tmp_path: Path, site: tuple[str, list[str]]):
    """By its head, where the study says that it lies; a redirect away from https is not followed."""
    study, _ = make_study(tmp_path / "s", n_items=1)
    url, asked = site
    check_media(replace(study, asset_url=f"{url}/good/"))
    assert asked == [f"/good/{study.items[0].sound}"]
    for folder, told in (("lost", "404"), ("moved", "not https")):
        with pytest.raises(DataError, match=f"{told}.*workers would see no media.*--no-media-check"):
            check_media(replace(study, asset_url=f"{url}/{folder}/"))
    assert "/good/" not in asked
    for other in ("https://127.0.0.1:1/", "https:///", "https://[/"):
        with pytest.raises(DataError, match="cannot be loaded"):
            check_media(replace(study, asset_url=other))
