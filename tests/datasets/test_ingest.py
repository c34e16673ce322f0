"""Going on after any stop, in any number of processes, with or without tags: the same dataset in the end."""

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adis_bench.datasets import cutting, ingest, units
from adis_bench.datasets.check import check_dataset
from tests.datasets.listed_videos import make, write_listed, written

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    """Three listed videos of 7, 3.5 and 9 s."""
    return write_listed(tmp_path_factory.mktemp("videos"))


@pytest.mark.skipif(not (SHARED / "models").is_dir(), reason="the shared test data (../shared/data/models) is not there")
def test_yamnet_comes_later_and_nothing_is_cut_anew(videos, tmp_path, monkeypatch):
    """The same call once the weights are here gives labels; sounds and frames are those of the first call."""
    first = make(videos, tmp_path / "out")
    weights = tmp_path / "cache" / "weights"
    weights.mkdir(parents=True)
    shutil.copy(SHARED / "models" / "yamnet" / "yamnet.tflite", weights / "lite-model_yamnet_classification_tflite_1.tflite")
    monkeypatch.setattr(ingest, "cut_frames", None)
    monkeypatch.setattr(ingest, "cut_sound", None)
    second = make(videos, tmp_path / "out")
    assert "YAMNet" in second.labels_from
    assert "unknown" not in {s.label for s in second.segments}
    assert all(len(s.details["tags"]) == 5 for s in second.segments)
    assert [s.frame_sha256 for s in second.segments] == [s.frame_sha256 for s in first.segments]


def test_processes_give_the_same_dataset(videos, tmp_path):
    """Processes give the same dataset."""
    one, two = make(videos, tmp_path / "one"), make(videos, tmp_path / "two", processes=2)
    assert two.digest == one.digest
    assert written(tmp_path / "one") == written(tmp_path / "two")


@pytest.mark.parametrize("stop_after", [0, 1, 4, 6, 7])
def test_a_killed_ingest_goes_on_to_the_same_index(videos, tmp_path, monkeypatch, stop_after):
    """Stopped after any number of units: the next call does only what is left, and writes the same bytes."""
    whole = written(make(videos, tmp_path / "whole").root)
    done = units._done
    calls: list[Path] = []

    def killed(path, *rest):
        if len(calls) == stop_after:
            raise KeyboardInterrupt
        calls.append(path)
        return done(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(units, "_done", killed)
        with pytest.raises(KeyboardInterrupt):
            make(videos, tmp_path / "out")
    assert not (tmp_path / "out" / "dataset.json").exists()
    first = list(calls)
    monkeypatch.setattr(units, "_done", lambda path, *rest: (calls.append(path), done(path, *rest))[1])
    make(videos, tmp_path / "out")
    assert written(tmp_path / "out") == whole
    assert len(calls) == len(set(calls)) == 9  # look, sound and frames of three videos
    assert calls[:stop_after] == first


def test_lost_media_are_made_again(videos, tmp_path):
    """Lost media are made again."""
    dataset = make(videos, tmp_path / "out")
    before = written(dataset.root)
    dataset.segments[0].frame_paths[3].unlink()
    dataset.segments[4].audio_path.unlink()
    again = make(videos, tmp_path / "out")
    assert written(dataset.root) == before
    assert check_dataset(again.root).faults == ()


def test_a_full_disk_loses_nothing(videos, tmp_path, monkeypatch):
    """Simulated: the write of the 20th frame fails. The error says that the disk is full, and the next call goes on."""
    write, n = cutting.write_bytes, [0]

    def full(path, content):
        n[0] += 1
        if n[0] == 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(cutting, "write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            make(videos, tmp_path / "out")
    assert make(videos, tmp_path / "out").digest == make(videos, tmp_path / "whole").digest


def test_music_found_later_costs_no_frame(videos, tmp_path, monkeypatch):
    """First without tags, then with one segment of music: the frames of the others are those of the first call."""
    from adis_bench.datasets.into_the_wild import importer
    from adis_bench.datasets.tagging.work import Tagger

    monkeypatch.setattr(ingest, "FRAMES_AT_ONCE", 2)
    first = make(videos, tmp_path / "out")

    def tags(_tagger, _flags, sounds):
        return {"rows": [{"number": n, "is_music": n == 1, "label": "rain", "tags": [["Rain", 0.9]], "categories": {}} for n, _ in sounds]}

    monkeypatch.setattr(ingest, "tagged", tags)
    monkeypatch.setattr(importer, "find_tagger", lambda: (Tagger(Path("yamnet"), "0" * 64, True), ""))
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "cut_frames", None)
        second = make(videos, tmp_path / "out")
    assert len(second.segments) == len(first.segments) - 3
    monkeypatch.setattr(importer, "find_tagger", lambda: (None, "gone"))
    assert make(videos, tmp_path / "out").digest == first.digest  # and back again


def _dies(*_):
    os._exit(3)


def test_a_decoder_that_crashes_costs_its_video_only(videos, tmp_path):
    """A process that dies takes nothing with it but the unit that killed it."""
    made = [units.Unit(tmp_path / f"{k}.json", "key", dict if k != 3 else _dies, (((f"n{k}", k),),)) for k in range(8)]
    records = units.records(made, "test", 2)
    assert records == [{"crashed": True} if k == 3 else {f"n{k}": k} for k in range(8)]
    assert units.records(made[:3], "test", 2) == records[:3]


def test_workers_end_with_the_first_process(videos, tmp_path):
    """Killed without warning, it leaves nobody behind who would hold the terminal."""
    code = (
        "import sys; from pathlib import Path; from adis_bench.datasets.cutting import Cut\n"
        "from adis_bench.datasets.into_the_wild.importer import Options, import_videos\n"
        "from adis_bench.datasets.video_dataset import SplitChoice\n"
        "if __name__ == '__main__':\n"
        "    options = Options(Cut(side=2048), 'repeat', SplitChoice('video', 0.2, 0), 2)\n"
        "    import_videos(Path(sys.argv[1]), Path(sys.argv[2]), options)\n"
    )
    (tmp_path / "make.py").write_text(code)
    command = [sys.executable, str(tmp_path / "make.py"), str(videos), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        started = time.monotonic()
        while not list((tmp_path / "out").rglob("look.json")) and time.monotonic() - started < 60:
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=30)  # ends when nobody holds the pipe any more
    assert not (tmp_path / "out" / "dataset.json").exists()


def test_a_damaged_header_is_written_anew(videos, tmp_path):
    """A kill between index and header, or a damaged file, must not lock the folder."""
    dataset = make(videos, tmp_path / "out")
    whole = written(dataset.root)
    for name in ("dataset.json", "index.parquet"):
        (dataset.root / name).write_bytes(b"{")
        make(videos, tmp_path / "out")
        assert written(dataset.root) == whole
