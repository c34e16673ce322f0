"""The importer of folders."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.check import check_dataset
from adis_bench.datasets.folder import import_folder
from adis_bench.datasets.media import read_audio, read_image
from adis_bench.datasets.pairs import make_pairs
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError

WILD_MINI = Path(__file__).parents[3] / "shared" / "data" / "wild-mini"


def _noise(n, scale=0.5, seed=0):
    return np.random.default_rng(seed).uniform(-scale, scale, n)


def test_the_dataset_that_comes_out(folder, tmp_path):
    """Splits hold every class, each image of a split is used, labels have both forms, and the index opens again."""
    dataset = import_folder(folder(n_images=12, n_sounds=8), tmp_path / "out")
    assert dataset.pairing == "class"
    assert dataset.displays == {"crunching_snow": "Crunching Snow", "rain": "rain"}
    assert dataset.not_evaluated == {}
    for split, n_images, n_sounds in (
        ("train", 7, 4),
        ("judge", 2, 2),
        ("test", 3, 2),
    ):  # 12 / 4 = 3, round(9 / 4) = 2; 8 / 4 = 2, round(6 / 4) = 2
        for label in dataset.labels:
            segments = [s for s in dataset.segments if (s.split, s.label) == (split, label)]
            assert len(segments) == n_sounds
            assert len({path for s in segments for path in s.frame_paths}) == n_images
            assert all(len(s.frame_paths) == min(4, n_images) for s in segments)
    assert Dataset.open(tmp_path / "out").digest == dataset.digest
    assert check_dataset(tmp_path / "out").ok


def test_sounds_are_three_seconds_at_their_own_rate(folder, tmp_path):
    """A short sound is repeated, a long one cut, stereo becomes mono, and the rate stays."""
    src = folder()
    short, long = _noise(16_000), np.stack([_noise(160_000, seed=1), _noise(160_000, seed=2)], axis=1)
    soundfile.write(src / "audio" / "rain" / "short.flac", short, 16_000)
    soundfile.write(src / "audio" / "rain" / "long.ogg", long, 32_000)
    dataset = import_folder(src, tmp_path / "out")
    by_file = {s.details["sound_file"]: s for s in dataset.segments}
    segment = by_file["audio/rain/short.flac"]
    waveform, rate = read_audio(segment.audio_path)
    assert (segment.sample_rate_hz, rate, waveform.shape) == (16_000, 16_000, (48_000,))
    assert np.allclose(waveform, np.tile(short, 3), atol=2 / 32768)
    info = soundfile.info(by_file["audio/rain/long.ogg"].audio_path)
    assert (info.samplerate, info.frames, info.channels) == (32_000, 96_000, 1)
    assert dataset.notes["repeated_to_3_s"] == ["audio/rain/short.flac"]
    assert dataset.notes["n_cut_to_3_s"] == 9  # the long one and the fixture's eight of 4 s


def test_images_are_kept_or_made_readable(folder, tmp_path):
    """JPEG and PNG keep their bytes; other formats become PNG; a photograph on its side is turned upright."""
    src = folder(n_images=1)
    pixels = np.zeros((8, 12, 3), np.uint8)
    pixels[0] = 255
    rain = src / "images" / "rain"
    Image.fromarray(pixels).save(rain / "plain.jpg")
    Image.fromarray(pixels).save(rain / "old.bmp")
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3, tag Orientation: 6 means that the picture must be turned 90 degrees clockwise
    Image.fromarray(pixels).save(rain / "turned.png", exif=exif)
    dataset = import_folder(src, tmp_path / "out")
    paths = {name: path for s in dataset.segments for name, path in zip(s.details["image_files"], s.frame_paths, strict=True)}
    assert paths["images/rain/plain.jpg"].read_bytes() == (rain / "plain.jpg").read_bytes()
    assert paths["images/rain/0.png"].read_bytes() == (rain / "0.png").read_bytes()
    assert np.array_equal(read_image(paths["images/rain/old.bmp"]), pixels)
    turned = read_image(paths["images/rain/turned.png"])
    assert turned.shape == (12, 8, 3)
    assert (turned[:, -1] == 255).all()  # the bright first row is now the right column


def test_one_source_is_on_one_side(folder, tmp_path):
    """Files of one source_id, of either kind, are in one split; so are files of the same content."""
    src = folder(("rain", "ocean"), n_images=9, n_sounds=9)
    rows = [
        f"{p.relative_to(src).as_posix()},{kind},{p.parent.name},{p.parent.name}-{int(p.stem) // 2}"
        for side, kind in (("images", "image"), ("audio", "audio"))
        for p in sorted((src / side).glob("*/*"))
    ]
    (src / "manifest.csv").write_text("\n".join(["path,kind,class,source_id", *rows]) + "\n")
    shutil.copy(src / "images" / "rain" / "0.png", src / "images" / "rain" / "8.png")
    dataset = import_folder(src, tmp_path / "out")
    sides: dict[str, set[str]] = {}
    for s in dataset.segments:
        for group in (s.audio_group, *s.frame_groups):
            sides.setdefault(group, set()).add(s.split)
    assert all(len(splits) == 1 for splits in sides.values())
    assert len(sides) == 9  # five of each class, less one for the two that hold the same picture
    assert dataset.notes["same_content"] == [["images/rain/0.png", "images/rain/8.png"]]


def test_the_same_folder_gives_the_same_dataset(folder, tmp_path):
    """Two imports agree in every byte; another seed deals otherwise."""
    src = folder()
    first, second = import_folder(src, tmp_path / "a"), import_folder(src, tmp_path / "b")
    assert first.digest == second.digest
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert all((tmp_path / "a" / p).read_bytes() == (tmp_path / "b" / p).read_bytes() for p in files)
    assert import_folder(src, tmp_path / "c", seed=1).digest != first.digest


def test_importing_again_opens_or_refuses(folder, tmp_path):
    """The same call finds its dataset, and mends a lost file; other options do not overwrite it."""
    src, out = folder(), tmp_path / "out"
    dataset = import_folder(src, out)
    lost = dataset.segments[0].audio_path
    lost.unlink()
    assert import_folder(src, out).digest == dataset.digest
    assert lost.is_file()
    with pytest.raises(DataError, match="already in .*choose an empty folder"):
        import_folder(src, out, seed=3)


def test_faults_are_listed_all_at_once(folder, tmp_path):
    """Damaged and empty files and rows are counted by kind in one line and listed one by one; nothing is written."""
    src = folder()
    image = src / "images" / "rain" / "0.png"
    image.write_bytes(image.read_bytes()[:60])
    (src / "images" / "rain" / "1.png").write_bytes(b"")
    (src / "images" / "rain" / "note.txt").write_text("not a picture")
    (src / "audio" / "rain" / "0.wav").write_bytes(b"RIFF and no more")
    soundfile.write(src / "audio" / "rain" / "1.wav", np.zeros(0), 8000)
    with pytest.raises(DataError) as caught:
        import_folder(src, tmp_path / "out")
    first, *listed = str(caught.value).splitlines()
    assert first.startswith(f"{src} has 5 faults (3 unreadable, 2 empty), first: ")
    assert first.endswith("leave it out with --skip-bad")
    assert sorted(line.strip().split(":")[0] for line in listed) == [
        "audio/rain/0.wav",
        "audio/rain/1.wav",
        "images/rain/0.png",
        "images/rain/1.png",
        "images/rain/note.txt",
    ]
    assert not (tmp_path / "out").exists()


def test_one_fault_is_one_line(folder, tmp_path):
    """A single corrupt image gives a single line with file and reason."""
    src = folder()
    (src / "images" / "rain" / "note.txt").write_text("not a picture")
    with pytest.raises(DataError) as caught:
        import_folder(src, tmp_path / "out")
    assert str(caught.value) == (
        f"{src} has 1 fault (1 unreadable), first: images/rain/note.txt: not a readable image (no known image format); "
        "mend or remove what is listed, or leave it out with --skip-bad"
    )


def test_many_faults_do_not_flood_the_terminal(folder, tmp_path):
    """Beyond forty, the error says how many more there are and what lists them."""
    src = folder()
    for k in range(50):
        (src / "images" / "rain" / f"bad{k:02}.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"\.\.\. and 10 more: `adis-bench data check") as caught:
        import_folder(src, tmp_path / "out")
    assert len(str(caught.value).splitlines()) == 42


def test_skip_bad_leaves_out_and_records(folder, tmp_path):
    """What is damaged is left out with its reason, and nothing else is."""
    src = folder()
    (src / "images" / "rain" / "1.png").write_bytes(b"")
    dataset = import_folder(src, tmp_path / "out", skip_bad=True)
    assert dataset.notes["left_out"] == [{"file": "images/rain/1.png", "kind": "empty", "reason": "0 bytes"}]
    assert dataset.notes["n_images"] == 11
    assert "images/rain/1.png" not in {name for s in dataset.segments for name in s.details["image_files"]}


def test_a_class_needs_images_and_sounds(folder, tmp_path):
    """A class without sounds, and one without images, are named with their counts; --skip-bad leaves the classes out."""
    src = folder(("rain", "ocean", "stream", "gravel"))
    shutil.rmtree(src / "audio" / "ocean")
    for path in (src / "images" / "gravel").iterdir():
        path.unlink()
    with pytest.raises(DataError, match=r"2 faults \(2 class\)") as caught:
        import_folder(src, tmp_path / "out")
    assert "gravel: no images and 4 sounds; a class needs both" in str(caught.value)
    assert "ocean: 6 images and no sounds; a class needs both" in str(caught.value)
    dataset = import_folder(src, tmp_path / "out", skip_bad=True)
    assert dataset.labels == ("rain", "stream")
    assert {fault["file"] for fault in dataset.notes["left_out"]} == {"gravel", "ocean"}


def test_silence_and_clipping_are_counted_not_fatal(folder, tmp_path):
    """A silent sound and one with flat tops are noted; single samples at full scale are not clipping."""
    src = folder()
    rain = src / "audio" / "rain"
    soundfile.write(rain / "silent.wav", _noise(24_000, 5e-4), 8000)
    soundfile.write(rain / "flat.wav", np.clip(_noise(24_000, 3.0), -1, 1), 8000, subtype="FLOAT")
    peaked = _noise(24_000)
    peaked[::100] = 1.0
    soundfile.write(rain / "peaked.wav", peaked, 8000, subtype="FLOAT")
    notes = import_folder(src, tmp_path / "out").notes
    assert notes["silent"] == ["audio/rain/silent.wav"]
    assert notes["clipped"] == ["audio/rain/flat.wav"]


def test_a_cut_sound_is_a_fault(folder, tmp_path):
    """A FLAC file that lost its second half is named, with words even where the decoder has none."""
    src = folder()
    path = src / "audio" / "rain" / "cut.flac"
    soundfile.write(path, _noise(24_000), 8000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"audio/rain/cut\.flac: not a readable sound \(\w"):
        import_folder(src, tmp_path / "out")


def test_sounds_that_are_not_numbers_are_faults(folder, tmp_path):
    """NaN in a float WAV would spoil every mean; it is named instead."""
    src = folder()
    soundfile.write(src / "audio" / "rain" / "nan.wav", np.full(8000, np.nan), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"audio/rain/nan\.wav: samples that are not numbers"):
        import_folder(src, tmp_path / "out")


def test_a_class_of_one_source_is_not_evaluated(folder, tmp_path):
    """One photograph: the class is trained on, reported, and makes no pairs."""
    src = folder(("rain", "ocean", "stream"))
    for path in list((src / "images" / "stream").iterdir())[1:]:
        path.unlink()
    dataset = import_folder(src, tmp_path / "out")
    assert dataset.not_evaluated == {"stream": "all 1 images come from one source: all of it is used for training"}
    assert {s.split for s in dataset.segments if s.label == "stream"} == {"train"}
    assert dataset.notes["classes_without_judge_data"] == ["stream"]
    assert {p.target.label for p in make_pairs(dataset.split("test"), 20, 0)} == {"rain", "ocean"}


def test_hostile_class_names_become_plain_files(folder, tmp_path):
    """Class and file names that mean something to a shell or a page are only ever shown, never used as paths."""
    src = folder(("rain", "=cmd() <b>&..", "--out"))
    dataset = import_folder(src, tmp_path / "out")
    assert dataset.labels == ("cmd_b", "out", "rain")
    for s in dataset.segments:
        for path in (s.audio_path, *s.frame_paths):
            assert path.resolve().is_relative_to(tmp_path / "out")


def test_the_dataset_cannot_lie_in_its_source(folder):
    """Importing into the source would be found by the next import."""
    src = folder()
    with pytest.raises(DataError, match="cannot lie inside its source"):
        import_folder(src, src / "images" / "out")
    with pytest.raises(ConfigError, match="test share"):
        import_folder(src, src.parent / "out", test_share=0.0)


@pytest.mark.skipif(not WILD_MINI.is_dir(), reason="the shared test data (../shared/data/wild-mini) is not there")
def test_wild_mini_is_imported_whole(tmp_path):
    """Real images and sounds: all 88 sounds and 239 images are used, all seven classes evaluated, and no source in test and elsewhere."""
    dataset = import_folder(WILD_MINI, tmp_path / "out")
    assert len(dataset.segments) == 88
    assert len({path for s in dataset.segments for path in s.frame_paths}) == 239
    assert dataset.not_evaluated == {}
    assert Counter(s.label for s in dataset.split("test").segments).keys() == set(dataset.labels)
    assert {s.sample_rate_hz for s in dataset.segments} == {16_000, 44_100, 48_000, 96_000}
    test = {group for s in dataset.split("test").segments for group in (s.audio_group, *s.frame_groups)}
    other = {group for s in dataset.segments if s.split != "test" for group in (s.audio_group, *s.frame_groups)}
    assert not test & other
    assert len(make_pairs(dataset.split("test"), 84, 0)) == 84
