"""The release's layout as the released loader reads it."""

import dataclasses
import errno
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adis_bench import files
from adis_bench.datasets.export import release
from adis_bench.datasets.export.release import Sides, export_release
from adis_bench.datasets.export.release_names import release_names
from adis_bench.datasets.media import write_wav
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file
from tests.datasets.export_samples import changed, files_of, second_frame

Make = Callable[..., Dataset]
ALL = Sides()


def _sound_of(image: str) -> str:
    """As the released loader derives it (Tinglok/avstyle b09dc1e, data/unaligned_dataset.py, __getitem__)."""
    name = image.split("/")[-1]
    return name.split("clip")[0] + "clip" + name.split("clip")[1].split("-")[0] + ".wav"


def _renamed(dataset: Dataset) -> Dataset:
    """Ids of all kinds: as the release's, with its word in the way, with dots, spaces, dashes and other letters."""
    names = ["walk_clip3", "my-clip of snow_clip12", "plain", "clip", "Schnee am Fluß-2_clip1", "a.b c", "plain_clip1"]
    for place, name in enumerate(names):
        dataset = changed(dataset, place, segment_id=name)
    return dataset


def test_the_released_loader_finds_every_sound(tiny_dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Started in the export, it reads the lists at their fixed place, opens all images, and each has its own segment's sound."""
    dataset = _renamed(second_frame(tiny_dataset(), 0))
    out = tmp_path / "out"
    export_release(dataset, out, ALL)
    monkeypatch.chdir(out)
    origin = {name: segment_id for name, segment_id in json.loads(Path("manifest.json").read_bytes())["segments"].items()}
    segments = {segment.segment_id: segment for segment in dataset.segments}
    for split, root in (("train", Path("datasets/Into-the-Wild")), ("test", Path())):
        for side in "AB":
            lines = [line.strip() for line in (root / f"{split}{side}.txt").read_text(encoding="utf-8").splitlines()]
            assert len(lines) == len(set(lines)) == sum(len(s.frame_paths) for s in dataset.segments if s.split == split)
            for line in lines:
                with Image.open(line) as image:
                    assert (image.format, image.size) == ("JPEG", (16, 16))
                segment = segments[origin[line.split("/")[-1].rpartition("-")[0]]]
                assert segment.split == split
                samples, rate = soundfile.read(Path("audio") / _sound_of(line))
                assert (rate, samples.shape) == (16_000, (48_000,))
                # The tones of this dataset: 400 Hz for its first label, 800 Hz for the second ...
                peak = np.abs(np.fft.rfft(samples)).argmax() / 3
                assert peak == pytest.approx(400 * (dataset.labels.index(segment.label) + 1), abs=1)
    for side in "AB":
        assert Path(f"train{side}.txt").read_bytes() == Path(f"datasets/Into-the-Wild/train{side}.txt").read_bytes()


def test_names_are_kept_where_they_can_be():
    """An id as the release's stays; another gets a number; what the loader would cut wrongly is written otherwise."""
    names = release_names(["walk_clip3", "plain", "plain_clip1", "my clip_clip2"])
    assert names == {
        "walk_clip3": "walk_clip3",
        "plain_clip1": "plain_clip1",
        # sha256 of "plain" and of "my clip_clip2", first 8 digits
        "plain": "plain-a116c9ed_clip1",
        "my clip_clip2": "my cut-f932c219_clip2",
    }


@given(st.sets(st.text(st.sampled_from("clip_-1 ."), min_size=1, max_size=14)))
def test_any_id_gets_a_name_of_its_own(ids: set[str]):
    """From which the loader derives the sound's."""
    names = release_names(sorted(ids))
    assert set(names) == ids
    assert len(set(names.values())) == len(ids)
    for name in names.values():
        assert _sound_of(f"images/{name}-12.jpg") == f"{name}.wav"


def test_media_that_fit_are_copied(tiny_dataset: Make, tmp_path: Path):
    """JPEG and 16 kHz, mono, 16-bit, 3 s byte for byte; PNG becomes JPEG that is nearly the same."""
    dataset = second_frame(tiny_dataset(), 0)
    sound = dataset.root / "audio" / "fits.wav"
    write_wav(sound, np.random.default_rng(0).uniform(-0.5, 0.5, 48_000).astype(np.float32), 16_000)
    dataset = changed(dataset, 0, segment_id="x_clip1", audio_path=sound, audio_sha256=digest_file(sound), sample_rate_hz=16_000)
    segment = dataset.segments[0]
    export_release(dataset, tmp_path / "out", ALL)
    assert (tmp_path / "out" / "audio" / "x_clip1.wav").read_bytes() == sound.read_bytes()
    assert (tmp_path / "out" / "images" / "x_clip1-2.jpg").read_bytes() == segment.frame_paths[1].read_bytes()
    with Image.open(tmp_path / "out" / "images" / "x_clip1-1.jpg") as made, Image.open(segment.frame_paths[0]) as given_:
        difference = np.abs(np.asarray(made, int) - np.asarray(given_, int))
    assert 0 < difference.mean() < 5  # noise, the hardest picture for JPEG, of 0 to 255


def test_labels_choose_the_sides(tiny_dataset: Make, tmp_path: Path):
    """Only A's images are in A and only B's in B; what is in neither is not written."""
    dataset = tiny_dataset(labels=3)
    export_release(dataset, tmp_path / "out", Sides(("ocean",), ("rain",)))
    labels = {s.segment_id: s.label for s in dataset.segments}
    for name, label in (("trainA", "ocean"), ("testA", "ocean"), ("trainB", "rain"), ("testB", "rain")):
        lines = (tmp_path / "out" / f"{name}.txt").read_text().splitlines()
        assert len(lines) == 2
        assert {labels[Path(line).name.removesuffix("_clip1-1.jpg")] for line in lines} == {label}
    assert not [name for name in files_of(tmp_path / "out") if "stream" in name]
    assert "A, images that are restyled: ocean\n" in (tmp_path / "out" / "README.txt").read_text()


def test_silence_is_not_in_b(tiny_dataset: Make, tmp_path: Path):
    """The released code would divide by its peak; as a source the segment is fine."""
    dataset = tiny_dataset()
    place = next(k for k, s in enumerate(dataset.segments) if s.split == "train")
    write_wav(dataset.segments[place].audio_path, np.zeros(24_000, np.float32), 8_000)
    dataset = changed(dataset, place, audio_sha256=digest_file(dataset.segments[place].audio_path))
    for _ in range(2):  # found again where the sound is there already
        done = export_release(dataset, tmp_path / "out", ALL)
        assert "1 segments without anything to hear from trainB and testB" in done.left_out
        a, b = ((tmp_path / "out" / f"train{side}.txt").read_text().splitlines() for side in "AB")
        assert set(a) - set(b) == {f"images/{dataset.segments[place].segment_id}_clip1-1.jpg"}


def test_a_stopped_release_goes_on(tiny_dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Ctrl-C or a full disk: what is written is whole and stays, and the end is as without it."""
    dataset = tiny_dataset()
    export_release(dataset, tmp_path / "whole", ALL)
    write = files.write_bytes
    for error in (KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")):
        written: list[Path] = []

        def stopping(path: Path, content: bytes, error: BaseException = error, written: list[Path] = written) -> None:
            if len(written) == 3:
                raise error
            written.append(path)
            write(path, content)

        with monkeypatch.context() as patch:
            patch.setattr(release, "write_bytes", stopping)
            with pytest.raises(type(error)):
                export_release(dataset, tmp_path / "out", ALL)
        assert not (tmp_path / "out" / "trainA.txt").exists()
    assert len([path for path in (tmp_path / "out").rglob("*") if path.suffix in (".jpg", ".wav")]) == 6
    export_release(dataset, tmp_path / "out", ALL)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_release_needs_training_images_on_both_sides(tiny_dataset: Make, tmp_path: Path):
    """An unknown label suggests near ones; a label without training data, and a world of silence, are told."""
    dataset = tiny_dataset()
    with pytest.raises(ConfigError, match=r"unknown label 'raim'; did you mean rain or stream"):
        export_release(dataset, tmp_path / "out", Sides(("raim",)))
    test_only = dataset.with_segments(s for s in dataset.segments if s.split == "test" or s.label != "rain")
    with pytest.raises(DataError, match="no training segment with sound and frames for B"):
        export_release(test_only, tmp_path / "out", Sides(None, ("rain",)))
    for segment in dataset.segments:
        write_wav(segment.audio_path, np.zeros(24_000, np.float32), 8_000)
    mute = dataset.with_segments(dataclasses.replace(s, audio_sha256=digest_file(s.audio_path)) for s in dataset.segments)
    with pytest.raises(DataError, match="every sound of trainB is silent"):
        export_release(mute, tmp_path / "out", ALL)
