"""Whether the study's media lie where workers' browsers will look for them."""

from http.client import HTTPException
from typing import IO
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from adis_bench.errors import DataError
from adis_bench.printable import printable
from adis_bench.study.records import Study

_PATIENCE_S = 10


class _OnlyHttps(HTTPRedirectHandler):
    """Follows no redirect to anything but https: the page of a HIT would load nothing from there."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str) -> Request | None:
        if not newurl.lower().startswith("https://"):
            raise URLError(f"it leads to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def check_media(study: Study) -> None:
    """Ask for the head of one medium, the first item's sound; nothing of it is read.

    Args:
        study: with an https address (``check_study``).

    Raises:
        DataError: it isn't there, or can't be reached from here.
    """
    url = study.asset_url + study.items[0].sound
    try:
        with build_opener(_OnlyHttps).open(Request(url, method="HEAD"), timeout=_PATIENCE_S):
            return
    except (OSError, HTTPException, ValueError) as error:  # an URLError is an OSError
        raise DataError(
            f"{printable(url)} cannot be loaded ({printable(str(error))}), and workers would see no media: upload media/ to the study's "
            "--asset-url, or give --no-media-check if only this machine can't reach it"
        ) from error
