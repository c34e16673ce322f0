"""Importing pictures of one source and sounds of another."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.media import read_audio, read_image
from adis_bench.datasets.out_of_domain.importer import Request, import_out_of_domain
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import write_bytes
from tests.datasets.videos import clicks, number_of, write_video

RATE_HZ = 8000


def _image(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(path)


def _sound(path: Path, seed: int, seconds: float = 4.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * RATE_HZ)), RATE_HZ)


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders: two classes of images, two of sounds, one of them in both."""
    images, sounds = tmp_path / "pictures", tmp_path / "noises"
    for place, name in enumerate(("Forest Path", "rain")):
        for k in range(3):
            _image(images / name / f"{k}.png", 10 * place + k)
    for place, name in enumerate(("rain", "ocean")):
        for k in range(3):
            _sound(sounds / name / f"{k}.wav", 10 * place + k)
    return images, sounds


def _imported(sources: tuple[Path, Path], out: Path, **options) -> Dataset:
    return import_out_of_domain(Request(images=sources[0], sounds=sources[1], **options), out)


def test_a_grid_of_two_folders(sources, tmp_path):
    """Sub-folders are classes; pictures have no sound, sounds no picture; all is test data, and media are what they were."""
    dataset = _imported(sources, tmp_path / "O")
    assert Dataset.open(tmp_path / "O") == dataset
    assert (dataset.pairing, dataset.name) == ("grid", "pictures x noises")
    assert dataset.displays == {"ocean": "ocean", "rain": "rain", "forest_path": "Forest Path"}
    pictures = [s for s in dataset.segments if not s.has_sound]
    sounds = [s for s in dataset.segments if s.has_sound]
    assert (len(pictures), len(sounds)) == (6, 6)
    assert {s.split for s in dataset.segments} == {"test"}
    assert not any(s.has_frames for s in sounds)
    for segment in pictures:
        assert segment.frame_paths[0].read_bytes() == (sources[0] / segment.details["image_file"]).read_bytes()
    for segment in sounds:
        made, original = read_audio(segment.audio_path)[0], read_audio(sources[1] / segment.details["sound_file"])[0]
        np.testing.assert_allclose(made, original[: 3 * RATE_HZ], atol=2 / 32768)
    assert {key: dataset.notes[key] for key in ("n_images", "n_sounds", "n_sounds_with_frame", "skipped", "no_category")} == {
        "n_images": 6, "n_sounds": 6, "n_sounds_with_frame": 0, "skipped": [], "no_category": [],
    }  # fmt: skip


def test_the_same_call_finds_its_dataset(sources, tmp_path, monkeypatch):
    """A second call decodes nothing; other options or files in the same folder are refused; a lost file is made again."""
    dataset = _imported(sources, tmp_path / "O")
    with monkeypatch.context() as patch:
        patch.setattr("adis_bench.datasets.out_of_domain.importer.seen", lambda *_: pytest.fail("decoded again"))
        assert _imported(sources, tmp_path / "O") == dataset
    with pytest.raises(DataError, match="another dataset"):
        _imported(sources, tmp_path / "O", seed=1)
    dataset.segments[0].frame_paths[0].unlink()
    assert _imported(sources, tmp_path / "O").digest == dataset.digest
    assert dataset.segments[0].frame_paths[0].is_file()
    _image(sources[0] / "rain" / "9.png", 99)
    with pytest.raises(DataError, match="other files or options"):
        _imported(sources, tmp_path / "O")


def test_a_choice_is_even_and_seeded(sources, tmp_path):
    """Fewer than there are come from all classes alike; the seed decides which, and equal seeds choose the same."""
    chosen = [
        {s.segment_id for s in _imported(sources, tmp_path / str(k), n_images=4, n_sounds=2, seed=seed).segments}
        for k, seed in enumerate((0, 0, 1))
    ]
    assert chosen[0] == chosen[1] != chosen[2]
    dataset = Dataset.open(tmp_path / "0")
    labels = [(s.has_sound, s.label) for s in dataset.segments]
    assert sorted(labels) == [(False, "forest_path")] * 2 + [(False, "rain")] * 2 + [(True, "ocean"), (True, "rain")]


def test_what_cannot_be_used_makes_room(sources, tmp_path):
    """Damaged, empty, silent and too short files are listed with closed reasons, and the others of their class come."""
    images, sounds = sources
    write_bytes(images / "rain" / "0.png", b"no image")
    write_bytes(images / "rain" / "huge.png", _header_of(40_000, 40_000))
    write_bytes(sounds / "ocean" / "0.wav", b"")
    write_bytes(sounds / "ocean" / "a b\n\N{LATIN SMALL LETTER U WITH DIAERESIS}.wav", b"text")
    _sound(sounds / "rain" / "0.wav", 1, seconds=0.05)
    soundfile.write(sounds / "rain" / "1.wav", np.zeros(4 * RATE_HZ), RATE_HZ)
    soundfile.write(sounds / "rain" / "none.wav", np.zeros(0), RATE_HZ)
    dataset = _imported(sources, tmp_path / "O")
    found = {entry["path"]: entry["reason"] for entry in dataset.notes["skipped"]}
    assert found == {
        "rain/0.png": "unreadable",
        "rain/huge.png": "unreadable",
        "ocean/0.wav": "unreadable",
        "ocean/a b\n\N{LATIN SMALL LETTER U WITH DIAERESIS}.wav": "unreadable",
        "rain/0.wav#t=0,3": "too_short",
        "rain/1.wav#t=0,3": "silent",
        "rain/none.wav": "unreadable",
    }
    assert (dataset.notes["n_images"], dataset.notes["n_sounds"]) == (5, 3)


def _header_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with no pixels behind."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))


def test_nothing_usable_is_an_error_with_the_first_reason(sources, tmp_path):
    """No sound that can be used leaves no dataset behind."""
    for path in sources[1].rglob("*.wav"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"none of 6 sounds \(noises\) can be used: 6 left out, first: .*: unreadable \(0 bytes\)"):
        _imported(sources, tmp_path / "O")
    assert not (tmp_path / "O" / "dataset.json").exists()


def test_folders_without_classes(tmp_path):
    """Files without sub-folders are of one class that names nothing, and files beside sub-folders are counted."""
    for k in range(2):
        _image(tmp_path / "pictures" / f"{k}.png", k)
        _sound(tmp_path / "noises" / f"{k}.wav", k)
    dataset = _imported((tmp_path / "pictures", tmp_path / "noises"), tmp_path / "O")
    assert dataset.displays == {"sounds": "sounds", "images": "images"}
    assert dataset.notes["no_category"] == ["images", "sounds"]
    _sound(tmp_path / "noises" / "rain" / "0.wav", 5)
    again = _imported((tmp_path / "pictures", tmp_path / "noises"), tmp_path / "P")
    assert again.displays == {"rain": "rain", "images": "images"}
    assert again.notes["sounds"]["n_outside_classes"] == 2


def test_a_manifest_tells_what_files_were_cut_from(tmp_path):
    """Files of one source_id are one photograph or recording, by a manifest in the folder or above it."""
    for k in range(2):
        _image(tmp_path / "images" / "forest" / f"{k}.png", k)
        _sound(tmp_path / "audio" / "rain" / f"{k}.wav", k)
    rows = [f"images/forest/{k}.png,image,forest,photo" for k in range(2)] + [f"audio/rain/{k}.wav,audio,rain,tape" for k in range(2)]
    (tmp_path / "manifest.csv").write_text("\n".join(["path,kind,class,source_id", *rows]))
    dataset = _imported((tmp_path / "images", tmp_path / "audio"), tmp_path / "O")
    assert {g for s in dataset.segments for g in (s.audio_group, *s.frame_groups)} == {"", "images/photo", "sounds/tape"}
    (tmp_path / "manifest.csv").write_text("something,else\n")
    own = _imported((tmp_path / "images", tmp_path / "audio"), tmp_path / "P")
    assert len({g for s in own.segments for g in s.frame_groups}) == 2


def test_sounds_of_the_same_content_are_one_recording(sources, tmp_path):
    """A file and its copy are two segments of one group."""
    write_bytes(sources[1] / "ocean" / "copy.wav", (sources[1] / "ocean" / "0.wav").read_bytes())
    dataset = _imported(sources, tmp_path / "O")
    groups = {s.details["sound_file"]: s.audio_group for s in dataset.segments if s.has_sound}
    assert groups["ocean/copy.wav"] == groups["ocean/0.wav"]
    assert len({*groups.values()}) == 6


def test_videos_give_their_first_sound_and_their_middle_frame(tmp_path):
    """Of a video of 5 s: the sound from 0 to 3 s, with its click where it was, and the frame at 1.5 s; without sound: left out."""
    media = tmp_path / "vgg"
    media.mkdir()
    write_video(media / "aaaaaaaaaaa_000010.mp4", 50, fps=10, wave=clicks(5, 16_000, [0.5, 3.5]), rate_hz=16_000, audio_codec="aac")
    write_video(media / "bbbbbbbbbbb_000020.mp4", 20, fps=10)
    (media / "vggsound.csv").write_text("aaaaaaaaaaa,10,raining,test\nbbbbbbbbbbb,20,sea waves,test\nccccccccccc,0,raining,test\n")
    _image(tmp_path / "places" / "val" / "beach" / "1.jpg", 1)
    request = Request(places=tmp_path / "places", vggsound=media)
    dataset = import_out_of_domain(request, tmp_path / "O")
    (sound,) = [s for s in dataset.segments if s.has_sound]
    assert (sound.label, sound.sample_rate_hz, sound.audio_group) == ("rain", 16_000, "youtube/aaaaaaaaaaa")
    assert sound.details["vggsound"] == "raining"
    wave, rate = read_audio(sound.audio_path)
    assert len(wave) == 3 * rate
    assert np.argmax(np.abs(wave)) == pytest.approx(0.5 * rate, abs=2)
    assert number_of(Image.fromarray(read_image(sound.frame_paths[0]))) == 15
    assert [(s["path"], s["reason"]) for s in dataset.notes["skipped"]] == [("bbbbbbbbbbb_000020.mp4", "no_audio")]
    assert (dataset.notes["n_absent"], dataset.notes["n_sounds_with_frame"]) == (1, 1)
    assert dataset.name == "Places365 x VGG-Sound"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "name one source of images: --places or --images, neither is given"),
        ({"images": Path("a"), "places": Path("b")}, "not both"),
        ({"images": Path("a")}, "--vggsound or --sounds, neither"),
        ({"images": Path("a"), "sounds": Path("b"), "media": Path("c")}, "--media is the folder of VGG-Sound's files"),
        ({"images": Path("a"), "sounds": Path("b"), "n_images": 0}, "--n-images must be at least 1, not 0"),
    ],
)
def test_bad_requests(options, said, tmp_path):
    """One source for each side, and at least one of each."""
    with pytest.raises(ConfigError, match=said):
        import_out_of_domain(Request(**options), tmp_path / "O")


def test_the_dataset_lies_elsewhere(sources):
    """A dataset inside its own source would be listed by the next call."""
    with pytest.raises(DataError, match="cannot lie inside a source folder"):
        _imported(sources, sources[0] / "O")


def test_the_header_is_json(sources, tmp_path):
    """The recipe says what made it, and holds no path of the machine."""
    _imported(sources, tmp_path / "O")
    header = json.loads((tmp_path / "O" / "dataset.json").read_text())
    assert header["recipe"]["kind"] == "out_of_domain"
    assert str(tmp_path) not in json.dumps(header)
