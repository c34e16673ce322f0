"""The catalogue, digests, and the states of a weight file."""

import csv
import hashlib
import os
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from adis_bench.errors import ConfigError, WeightsError
from adis_bench.extractors import weight_store, weights
from adis_bench.extractors.weight_store import fetch, import_file
from adis_bench.extractors.weights import WeightFile, catalogue, located, place, state_of, weights_dir

MANIFEST = Path(__file__).parents[3] / "shared" / "facts" / "weights_manifest.csv"
CONTENT = b"weights " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
BLOB = hashlib.sha1(b"blob 8000\0" + CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves the files of the server by path; ``/broken`` ends in the middle."""

    def do_GET(self) -> None:
        """Answer with the file of the path."""
        body = self.server.files.get(self.path)
        self.server.asked.append(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (10 if self.path == "/broken" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A local HTTP server; ``files`` maps paths to bytes, ``asked`` holds the requests."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.files = {"/good": CONTENT, "/broken": CONTENT, "/page": b"<!DOCTYPE html><p>sign in", "/empty": b""}
    made.asked = []
    Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def rows(server: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, WeightFile]:
    """A catalogue on that server, and an empty folder."""
    monkeypatch.setenv("ADIS_BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(weight_store, "_RETRIES", 0)

    def row(name: str, path: str, sha256: str | None = None, blob: str | None = None, use: str = "yes") -> WeightFile:
        url = f"http://127.0.0.1:{server.server_port}{path}"
        return WeightFile(name, "tests", url, f"{name}.bin", None, sha256, blob, "CC BY-NC 4.0", use)

    made = [
        row("good", "/good", SHA256, use="no"),
        row("git", "/good", blob=BLOB),
        row("none", "/good"),
        row("wrong", "/good", "0" * 64),
        row("wrong-git", "/good", blob="0" * 40),
        row("broken", "/broken", SHA256),
        row("page", "/page"),
        row("empty", "/empty"),
        row("gone", "/gone", SHA256),
    ]
    table = {weight.name: weight for weight in made}
    monkeypatch.setattr(weights, "catalogue", lambda: table)
    monkeypatch.setattr(weight_store, "catalogue", lambda: table)
    return table


NOT_USED = {"torchopenl3-linear-env-512", "yamnet-mediapipe-tflite", "yamnet-keras-h5", "yamnet-torch", "ms-clap-2022"}
"""Rows of the table of facts that nothing here opens: other conversions of the same networks, and CLAP."""


def test_the_catalogue_is_the_manifest() -> None:
    """URLs and digests are those of the table of facts, where that is at hand; digests are hex of the right length."""
    for weight in catalogue().values():
        for digest, full in ((weight.sha256, 64), (weight.git_blob_sha1, 40)):
            assert digest is None or (len(digest) == full and int(digest, 16) >= 0)
        assert weight.commercial_use in ("yes", "no", "unknown")
        assert Path(weight.file_name).name == weight.file_name
    assert len({weight.file_name for weight in catalogue().values()}) == len(catalogue())
    if not MANIFEST.is_file():
        pytest.skip("the table of facts is not beside this checkout")
    for fact in csv.DictReader(MANIFEST.read_text().splitlines()):
        if fact["id"] in NOT_USED:
            continue
        weight = catalogue()[fact["id"]]
        assert (weight.file_name, weight.git_blob_sha1 or "") == (fact["file_name"], fact["git_blob_sha1"])
        assert weight.url in ("", fact["url"])
        assert (weight.sha256 or "").startswith(fact["sha256"].removeprefix("prefix "))
        assert bool(weight.sha256) == bool(fact["sha256"])
        # The table has eight digits of torch-fidelity's file, and no size; of all others it has what we have.
        assert str(weight.n_bytes or "") == fact["bytes"] or fact["id"] == "torch-fidelity-inception"


@pytest.mark.parametrize("name", ["good", "git"])
def test_a_fetched_file_is_verified(rows: Mapping[str, WeightFile], name: str, server: ThreadingHTTPServer) -> None:
    """By sha256 or by git's digest; a second call asks nobody."""
    assert state_of(rows[name]) == "missing"
    assert fetch(name).read_bytes() == CONTENT
    fetch(name)
    assert len(server.asked) == 1
    found = located(name)
    assert (found.verified, found.sha256, found.reason) == (True, SHA256, "")
    assert "UNVERIFIED" not in found.fact()
    assert [path.name for path in weights_dir().iterdir()] == [f"{name}.bin"]


def test_a_fetched_file_is_everybodys_as_the_umask_says(rows: Mapping[str, WeightFile]) -> None:
    """In a shared folder others can read it, as they can what was imported."""
    before = os.umask(0o022)
    try:
        assert fetch("good").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_a_fetched_file_takes_back_what_was_admitted(rows: Mapping[str, WeightFile], tmp_path: Path) -> None:
    """The right file has come: other bytes put back by hand need a new word."""
    path = tmp_path / "good.bin"
    path.write_bytes(b"random")
    import_file(path, allow_unverified=True)
    fetch("good")
    place(rows["good"]).write_bytes(b"random")
    assert state_of(rows["good"]) == "wrong digest"


def test_a_damaged_file_without_a_digest_is_fetched_again(rows: Mapping[str, WeightFile]) -> None:
    """Nothing says that what is there is whole, so the remedy that messages name must work."""
    weights_dir().mkdir(parents=True, exist_ok=True)
    place(rows["none"]).write_bytes(b"damaged")
    assert fetch("none").read_bytes() == CONTENT


def test_a_word_admits_no_page_and_no_empty_file(rows: Mapping[str, WeightFile], tmp_path: Path) -> None:
    """--allow-unverified leaves out the comparison of digests, and nothing else."""
    path = tmp_path / "good.bin"
    for content, message in ((b"", "an empty file"), (b"<!DOCTYPE html><p>", "a web page")):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=message):
            import_file(path, allow_unverified=True)


def test_a_file_without_a_published_digest_is_told(rows: Mapping[str, WeightFile], capsys: pytest.CaptureFixture[str]) -> None:
    """Its digest is printed once, and it never counts as verified."""
    fetch("none")
    assert SHA256 in capsys.readouterr().err
    found = located("none")
    assert not found.verified
    assert "UNVERIFIED: no digest was ever published" in found.fact()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wrong", rf"sha256 {SHA256}, published sha256 {'0' * 64}"),
        ("wrong-git", rf"git blob sha1 {BLOB}, published git blob sha1 {'0' * 40}"),
        ("broken", "cannot be fetched"),
        ("page", "a web page came in place of page.bin"),
        ("empty", "an empty file came"),
        ("gone", "404"),
    ],
)
def test_what_is_not_the_file_is_not_kept(rows: Mapping[str, WeightFile], name: str, message: str) -> None:
    """One line with both digests or the cause, the address, and no file or part of one left behind."""
    with pytest.raises(WeightsError, match=message) as caught:
        fetch(name)
    assert "weights import" in str(caught.value)
    assert list(weights_dir().iterdir()) == []
    with pytest.raises(WeightsError, match="weights fetch"):
        located(name)


def test_import_tells_files_apart(rows: Mapping[str, WeightFile], tmp_path: Path) -> None:
    """By digest whatever the name, by name where the digest is unknown, else it asks."""
    path = tmp_path / "downloaded"
    path.write_bytes(CONTENT)
    assert import_file(path).name == "good"
    other = tmp_path / "none.bin"
    other.write_bytes(b"other")
    assert import_file(other).name == "none"
    path.write_bytes(b"other")
    with pytest.raises(ConfigError, match="--as NAME"):
        import_file(path)
    with pytest.raises(ConfigError, match="did you mean good"):
        import_file(path, "goood")
    with pytest.raises(WeightsError, match="is no file"):
        import_file(tmp_path / "nowhere")


def test_only_an_explicit_word_admits_another_file(rows: Mapping[str, WeightFile], tmp_path: Path) -> None:
    """Refused without it; with it the facts say so; changed afterwards it's refused again; the right file needs no word."""
    path = tmp_path / "good.bin"
    path.write_bytes(b"random")
    with pytest.raises(WeightsError, match="is not good"):
        import_file(path)
    import_file(path, allow_unverified=True)
    found = located("good")
    assert (found.verified, found.reason) == (False, "admitted with --allow-unverified")
    place(rows["good"]).write_bytes(b"changed")
    with pytest.raises(WeightsError, match="delete it and run `adis-bench weights fetch good`"):
        located("good")
    path.write_bytes(CONTENT)
    import_file(path)
    assert located("good").verified
    assert [found.name for found in weights_dir().iterdir()] == ["good.bin"]


def test_licences_that_forbid_commercial_use_are_said(rows: Mapping[str, WeightFile], capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, when the file is fetched."""
    fetch("good")
    assert "not for commercial use" in capsys.readouterr().err
    fetch("git")
    assert "commercial" not in capsys.readouterr().err


def test_unknown_names_suggest_near_ones() -> None:
    """As everywhere."""
    with pytest.raises(ConfigError, match="did you mean openai-clip-vit-b32"):
        located("openai-clip-vit-b23")
