"""Brings weight files into their folder: fetched from where they are published, or imported by hand."""

import shutil
import tempfile
from pathlib import Path

from adis_bench.errors import ConfigError, WeightsError, is_storage_error
from adis_bench.extractors.weights import (
    ADMITTED_SUFFIX,
    WeightFile,
    catalogue,
    digests_of,
    entry,
    mismatch,
    place,
    remedy,
    state_of,
    weights_dir,
)
from adis_bench.files import atomic_path, make_folder, write_text
from adis_bench.progress import say

_RETRIES = 3
_PAGE = (b"<!doctype html", b"<html")


def fetch(name: str) -> Path:
    """Fetch a file from where it is published, and check it; what is there and verified is not fetched again.

    One without a published digest is, since nothing says that what is there is whole. The file comes under its name
    when it is whole and its digest matched, not before.

    Raises:
        ConfigError: no such row, or one without an address.
        WeightsError: the file can't be had, or another one came.
    """
    weight = entry(name)
    if state_of(weight) == "verified":
        return place(weight)
    if not weight.url:
        raise ConfigError(f"weights {name!r} have no direct address; {remedy(weight)}")
    tell_licence(weight)
    make_folder(weights_dir())
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=weights_dir()) as folder:
        path = _downloaded(weight, Path(folder))
        _check(weight, path)
        with atomic_path(place(weight)) as temporary:  # with a mode that the umask allows: pooch's file is its owner's alone
            shutil.copyfile(path, temporary)
    _note_of(weight).unlink(missing_ok=True)
    return place(weight)


def _downloaded(weight: WeightFile, folder: Path) -> Path:
    import pooch
    import requests

    # Without a digest here: ours is checked afterwards, since git's isn't one that pooch knows.
    source = pooch.create(
        path=folder, base_url="", registry={weight.file_name: None}, urls={weight.file_name: weight.url}, retry_if_failed=_RETRIES
    )
    pooch.get_logger().setLevel("WARNING")
    try:
        return Path(source.fetch(weight.file_name, downloader=pooch.HTTPDownloader(progressbar=True)))
    except (requests.RequestException, OSError) as error:
        if is_storage_error(error):
            raise
        cause = str(error).splitlines()[0]
        raise WeightsError(
            f"{weight.url} cannot be fetched ({cause}); try again, or get it elsewhere and run `adis-bench weights import FILE`"
        ) from error


def _note_of(weight: WeightFile) -> Path:
    return place(weight).with_name(place(weight).name + ADMITTED_SUFFIX)


def _check(weight: WeightFile, path: Path, allow_unverified: bool = False) -> None:
    """Refuse what is not the file.

    Raises:
        WeightsError: another digest, or, where none is published, a page or nothing instead of a file.
    """
    with path.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if not start or start.startswith(_PAGE):
        what = "a web page" if start else "an empty file"
        raise WeightsError(f"{what} came in place of {weight.file_name}; {remedy(weight)}")
    if not weight.published:
        say(f"{weight.name}: no digest is published for it; this file has sha256 {digests_of(path).sha256}")
    elif not (allow_unverified or weight.matches(digests_of(path))):
        raise WeightsError(f"{mismatch(weight, path)}; {remedy(weight)}, or admit it with `weights import FILE --allow-unverified`")


def import_file(path: Path, name: str | None = None, allow_unverified: bool = False) -> WeightFile:
    """Copy a file that was got by hand into the folder.

    Args:
        path: the file.
        name: its row of the catalogue; None: told by its digest, else by its name.
        allow_unverified: take a file of another digest, for tests and copies that somebody vouches for; results say so.

    Raises:
        ConfigError: no such row, or it can't be told which.
        WeightsError: no such file, or another digest than the published one.
    """
    if not path.is_file():
        raise WeightsError(f"{path} is no file")
    weight = entry(name) if name else _recognised(path)
    verified = weight.matches(digests_of(path))
    if not verified:
        _check(weight, path, allow_unverified)
    tell_licence(weight)
    target = place(weight)
    note = _note_of(weight)
    with atomic_path(target) as temporary:
        shutil.copyfile(path, temporary)
        # Before the file: a kill in between leaves a note that fits no file, and admits none.
        if verified or not weight.published:
            note.unlink(missing_ok=True)
        else:
            write_text(note, digests_of(temporary).sha256 + "\n")
    return weight


def _recognised(path: Path) -> WeightFile:
    digests = digests_of(path)
    by_digest = [weight for weight in catalogue().values() if weight.matches(digests)]
    by_name = [weight for weight in catalogue().values() if weight.file_name == path.name]
    found = by_digest or by_name
    if not found:
        raise ConfigError(f"{path} has neither the digest nor the name of a weight file; say which it is with --as NAME (`weights list`)")
    return found[0]


def tell_licence(weight: WeightFile) -> None:
    """Say what the weights may not be used for."""
    if weight.commercial_use == "no":
        say(f"{weight.name}: licence {weight.licence}, not for commercial use")
