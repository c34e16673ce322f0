"""Statistics of datasets: counts by hand, the one object of --json, and text that no name can break."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from adis_bench.cli.main import main
from adis_bench.datasets.demo.world import make
from adis_bench.datasets.describe import describe
from adis_bench.datasets.description import Beside
from adis_bench.datasets.description_text import as_text
from adis_bench.datasets.folder import import_folder
from adis_bench.datasets.media import write_wav
from adis_bench.datasets.records import Dataset
from adis_bench.datasets.skipped import SKIP_REASONS
from adis_bench.errors import DataError
from tests.datasets.conftest import write_sound
from tests.datasets.described import EVIL, RATE_HZ, SEGMENTS, segment, source, video_dataset

KEYS = ["name", "digest", "n_segments", "n_images", "hours", "by_label", "splits", "skipped"]


@pytest.fixture
def videos(tmp_path):
    """The hand-made dataset from videos."""
    return video_dataset(tmp_path / "videos")


def _run(*arguments):
    return CliRunner().invoke(main, ["data", "describe", *map(str, arguments)])


def test_json_is_one_object_and_nothing_else(videos):
    """The keys that are promised, counts of the hand-made dataset, and a reason of the closed list for each file left out."""
    result = _run(videos.root, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert list(printed) == KEYS
    assert printed == {
        "name": "Evil <i>name</i>",
        "digest": videos.digest,
        "n_segments": 5,
        "n_images": 10,
        "hours": pytest.approx(5 * 3 / 3600),
        "by_label": {"rain": 3, "ocean": 1, "unknown": 1},
        "splits": {"train": 2, "test": 3},
        "skipped": [
            {"path": EVIL, "reason": "unreadable"},
            {"path": "mute.mp4", "reason": "no_audio"},
            {"path": "one.mp4#t=48,51", "reason": "music"},
            {"path": "one.mp4#t=51,54", "reason": "music"},
        ],
    }


def test_json_of_the_demo_world(tmp_path):
    """A judge split has a count of its own, so that the counts sum to all segments; nothing is skipped."""
    dataset = make(tmp_path / "demo", n_train=16, n_judge=8, n_test=8)
    printed = json.loads(_run(dataset.root, "--json").stdout)
    assert list(printed) == KEYS
    assert (printed["n_segments"], printed["n_images"], printed["skipped"]) == (32, 32, [])
    assert printed["splits"] == {"train": 16, "judge": 8, "test": 8}
    assert set(printed["by_label"].values()) == {4}


def test_json_reads_no_sound(videos):
    """The object has no levels, so that sounds without a noted one are not read for it."""
    for one in videos.segments:
        one.audio_path.unlink()
    bare = replace(videos, segments=tuple(replace(s, details={}) for s in videos.segments))
    bare.save()
    assert _run(videos.root, "--json").exit_code == 0
    assert describe(bare, loudness=False).loudness is None


def test_a_folder_with_bad_files(folder, tmp_path):
    """What can't be decoded was skipped as unreadable; silent sounds were kept, and a class without sounds is no file."""
    src = folder()
    (src / "images" / "rain" / "broken.jpg").write_text("no image")
    (src / "audio" / "rain" / "empty.wav").touch()
    (src / "images" / "lone").mkdir()
    (src / "images" / "lone" / "0.png").write_bytes((src / "images" / "rain" / "0.png").read_bytes())
    write_wav(src / "audio" / "rain" / "quiet.wav", np.zeros(3 * 8000, np.float32), 8000)
    dataset = import_folder(src, tmp_path / "out", skip_bad=True)
    found = describe(dataset)
    assert {(s.path, s.reason) for s in found.skipped} == {
        ("images/rain/broken.jpg", "unreadable"),
        ("audio/rain/empty.wav", "unreadable"),
    }
    noted = {entry.text.split(" ")[0]: entry for entry in found.noted}
    assert noted["silent"].names == ("audio/rain/quiet.wav",)
    assert noted["left"].names == ("lone: 1 images and no sounds; a class needs both",)
    assert found.loudness is not None
    assert (found.loudness.n, found.loudness.n_silent) == (9, 1)
    assert found.kind == "folder"
    assert found.durations is not None
    assert (found.durations.of, found.durations.n, found.durations.longest_s) == ("recordings", 9, 3.0)


def test_counts_by_category(videos):
    """The most frequent category leads, what is none comes last, and classes without segments are named."""
    rain, ocean, unknown = describe(videos).categories
    assert (rain.display, rain.n, rain.share, rain.splits, rain.n_images, rain.n_recordings) == (
        "rain & wind",
        3,
        pytest.approx(3 / 5),
        {"train": 2, "test": 1},
        6,
        2,
    )
    assert (rain.median_db, ocean.median_db) == (-30.0, -40.0)
    assert (unknown.label, unknown.not_evaluated) == ("unknown", "no sound was tagged")
    assert describe(videos).empty_labels == ("gravel",)


def test_durations_are_those_of_the_videos(videos):
    """All videos count, in minutes, by their whole length; the median of 1.5, 20, 23 and 44 is 21.5."""
    found = describe(videos).durations
    assert found is not None
    assert (found.of, found.n) == ("videos", 4)
    assert (found.shortest_s, found.median_s, found.longest_s, found.total_s) == (90, 21.5 * 60, 44 * 60, 88.5 * 60)
    # Four values have at most 5 bins, and 42.5 minutes need 10 for each.
    assert (found.histogram.unit, found.histogram.edges, found.histogram.counts) == ("min", (0, 10, 20, 30, 40, 50), (1, 0, 2, 0, 1))


def test_short_videos_are_in_seconds(videos):
    """Below two minutes the histogram is in seconds."""
    short = replace(videos, notes={"sources": [source("one", 0.5, 1), source("two", 1.9, 1)]})
    found = describe(short).durations
    assert found is not None
    assert found.histogram.unit == "s"
    assert sum(found.histogram.counts) == 2


def test_levels_are_taken_or_measured(tmp_path):
    """A noted level is taken without reading the file; a sine of amplitude 0.4 has 20 log10(0.4 / sqrt(2)) dB; the rest is counted."""
    root = tmp_path / "d"
    noted, measured, silent, gone = (segment(root, f"v{k}_clip1", "rain", "train", -20.0 if k == 0 else None) for k in range(4))
    noted.audio_path.unlink()
    gone.audio_path.unlink()
    write_wav(silent.audio_path, np.zeros(RATE_HZ, np.float32), RATE_HZ)
    dataset = Dataset(root, "d", {}, "recorded", {"rain": "rain"}, (noted, measured, silent, gone))
    found = describe(dataset).loudness
    assert found is not None
    assert (found.n, found.n_silent, found.n_unreadable) == (3, 1, 1)
    sine_db = 20 * np.log10(0.4 / np.sqrt(2))
    assert found.median_db == pytest.approx((-20.0 + sine_db) / 2, abs=0.02)
    assert sum(found.histogram.counts) == 2


def test_the_same_bytes_are_found(videos):
    """A frame that a test and a training segment show, and a sound that two test segments have, are each counted once."""
    first, second, third, fourth, fifth = videos.segments
    third = replace(third, frame_sha256=(first.frame_sha256[0], third.frame_sha256[0]))
    fifth = replace(fifth, audio_sha256=fourth.audio_sha256)
    second = replace(second, frame_sha256=(second.frame_sha256[0],) * 2)  # within one segment: a picture that stands still
    found = describe(videos.with_segments((first, second, third, fourth, fifth)))
    frames, sounds = found.frame_repeats, found.sound_repeats
    assert (frames.n_listed, frames.n_distinct, frames.n_shared, frames.n_across_splits) == (10, 8, 1, 1)
    assert frames.examples == (("one_clip1", "two_clip1"),)
    assert (sounds.n_listed, sounds.n_distinct, sounds.n_shared, sounds.n_across_splits) == (5, 4, 1, 0)
    assert found.n_images == 10  # files


def test_the_appendix_stands_beside_its_own_dataset_only(videos):
    """Equal frames count each, as in the appendix's product; any other kind of dataset has no such numbers."""
    first, *rest = videos.segments
    still = replace(first, frame_sha256=(first.frame_sha256[0],) * 2)
    found = describe(videos.with_segments((still, *rest)))
    assert (found.n_images, found.frame_repeats.n_distinct) == (10, 9)
    assert found.appendix is not None
    assert found.appendix.counts == (
        Beside("videos", "94", "4"),
        Beside("audios", "56,820", "5"),
        Beside("images", "454,560", "10"),
        Beside("test audios", "11,364", "3"),
        Beside("share of audios for testing", "20 %", "60.0 %"),
        Beside("hours of sound", "47.35", "0.00"),
    )
    assert describe(replace(videos, recipe={"kind": "videos"})).appendix is None
    hits = describe(replace(videos, recipe={"kind": "greatest_hits"})).appendix
    assert hits is not None
    assert [row.published for row in hits.counts] == ["8,043", "32,172", "15 %"]


def test_pictures_without_sound(videos):
    """Test data of two sources: hours, rates and levels are those of the sounds, images those of the pictures."""
    sound, picture = videos.segments[2:4]
    sound = replace(sound, frame_paths=(), frame_sha256=(), frame_groups=())
    picture = replace(picture, audio_path=Path(), audio_sha256="", audio_group="", sample_rate_hz=0, details={})
    found = describe(Dataset(videos.root, "grid", {"kind": "out_of_domain"}, "grid", videos.displays, (sound, picture)))
    assert (found.n_segments, found.n_images, found.hours) == (2, 2, pytest.approx(3 / 3600))
    assert found.sample_rates == {RATE_HZ: 1}
    assert found.loudness is not None
    assert (found.loudness.n, found.loudness.n_unreadable) == (1, 0)
    assert found.durations is not None
    assert found.durations.n == 1
    assert {c.label: c.n_recordings for c in found.categories} == {"ocean": 1, "rain": 0}
    assert "1 sound of 3 s (0.00 h) and 2 different images, 2 segments in all, 2 labels" in as_text(found)


def test_an_empty_dataset(tmp_path):
    """Nothing to count is no failure."""
    found = describe(Dataset(tmp_path, "empty", {}, "recorded", {"rain": "rain"}, ()))
    assert (found.n_segments, found.splits, found.durations) == (0, {"train": 0, "test": 0}, None)
    assert "0 segments" in as_text(found)
    json.dumps(found.to_json(), allow_nan=False)


def test_reasons_are_of_the_closed_list(videos):
    """A third party's own reason is told as unreadable, and stands in the detail."""
    odd = replace(videos, notes={"skipped": [{"path": "a.mp4", "reason": "boring", "detail": "no birds"}]})
    (entry,) = describe(odd).skipped
    assert (entry.reason, entry.detail) == ("unreadable", "boring: no birds")
    assert entry.reason in SKIP_REASONS


@pytest.mark.parametrize(
    "notes",
    [
        {"sources": [{"name": "one"}]},
        {"sources": [{**source("one", 1, 1), "seconds": float("nan")}]},
        {"skipped": ["a.mp4"]},
        {"availability": [94, 92]},
    ],
)
def test_damaged_notes_are_told(videos, notes):
    """Notes that no importer writes are an error of one line with a remedy."""
    with pytest.raises(DataError, match="import the dataset again"):
        describe(replace(videos, notes=notes))


def test_text_tells_all_and_no_name_breaks_it(videos):
    """Every count is there; names with line breaks, terminal commands or turned directions are escaped."""
    text = as_text(describe(videos))
    assert all(line.isprintable() for line in text.split("\n"))
    assert r"a\nb\x1b[31m<script>alert(1)</script>\u202e\udcff.mp4: Invalid data <b>" in text
    for part in (
        "5 segments of 3 s (0.00 h of sound) with 10 different images, 3 labels",
        "splits: 2 train, 3 test; by video",
        "availability: 4 of 94 listed videos, 1.48 h",
        "durations of 4 videos (in the form of the paper's Figure 1a)",
        "1.5 to 44 min, median 21.5; 1.48 h in all",
        "loudness (RMS): median -30.0 dBFS",
        "skipped: 4 (1 no_audio, 1 unreadable, 2 music)",
        "noted: segments on the test side of classes that are not evaluated, kept and in no pair: 1 (unknown 1)",
        "not evaluated: unknown: no sound was tagged",
        "without segments: gravel",
    ):
        assert part in text
    rows = [line.split() for line in text.splitlines() if line.endswith("%") and "█" in line]
    assert [row[-3:] for row in rows] == [["3", "60.0", "%"], ["1", "20.0", "%"], ["1", "20.0", "%"]]
    assert text.encode()


def test_long_lists_are_cut_in_text(videos):
    """Ten files of a reason are listed, the rest is counted; the object has all."""
    skipped = [{"path": f"{k}.mp4", "reason": "music", "detail": ""} for k in range(13)]
    found = describe(replace(videos, notes={"skipped": skipped}))
    text = as_text(found)
    assert text.count(".mp4") == 10
    assert "... and 3 more" in text
    assert len(found.summary()["skipped"]) == 13


def test_the_command_prints_text(videos):
    """Without --json the command prints the text."""
    result = _run(videos.root)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == as_text(describe(videos)) + "\n"


def test_a_folder_that_is_no_dataset(folder):
    """A folder that was not imported is an error with the command that imports it."""
    result = _run(folder())
    assert result.exit_code == 2
    assert "adis-bench data folder" in result.stderr


def test_everything_is_json(videos):
    """The whole record can be written; its counts by reason are those of the list."""
    content = json.loads(json.dumps(describe(videos).to_json(), allow_nan=False))
    assert content["skipped_by_reason"] == {"no_audio": 1, "unreadable": 1, "music": 2}
    assert content["n_segments"] == len(SEGMENTS)
    assert content["durations"]["histogram"]["counts"][0] == 1


def test_repeated_sounds_sum_up_by_recording(folder, tmp_path):
    """Where no importer noted lengths, a recording counts with all the sound that its segments hold."""
    src = folder(("rain", "ocean"), n_images=6, n_sounds=4)
    write_sound(src / "audio" / "rain" / "4.wav", 77, seconds=2.0)
    rows = ["path,kind,class,source_id"]
    for side, kind in (("images", "image"), ("audio", "audio")):
        for path in sorted((src / side).glob("*/*")):
            name = "pond" if kind == "audio" and path.parent.name == "rain" and path.stem in "01" else path.as_posix()
            rows.append(f"{path.relative_to(src).as_posix()},{kind},{path.parent.name},{name}")
    (src / "manifest.csv").write_text("\n".join(rows))
    found = describe(import_folder(src, tmp_path / "out")).durations
    assert found is not None
    # Nine sounds of 3 s (one of them repeated to it), two of one recording: seven of 3 s and one of 6 s.
    assert (found.n, found.total_s, found.median_s, found.longest_s) == (8, 27.0, 3.0, 6.0)
