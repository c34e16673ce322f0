"""From a run to a study folder."""

import json
import shutil
import stat
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.media import read_image
from adis_bench.errors import ConfigError, DataError, IncompleteRunError
from adis_bench.study import blind_media
from adis_bench.study.prepare import prepare
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.records import Key, Study, open_key, open_study
from adis_bench.study.sampling import output_path
from adis_bench.study.texts import study_texts
from tests.study.conftest import SmallRun

METHODS = ("ours", "identity", "retrieval")
OPTIONS = PrepareOptions(
    METHODS, study_texts(3, False), n_samples=16, n_workers=3, gold_rate=0.125, repeat_rate=0.125, asset_url="https://example.org/s/"
)
FILES = {"study.json", "key.json", "batch.csv", "template.html", "preview.html", "estimate.json", "media"}


@pytest.fixture(scope="module")
def made(small_run: SmallRun, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study, Key]:
    """A study of the small run; not to be changed."""
    out = tmp_path_factory.mktemp("prepared") / "study"
    return out, prepare(small_run.folder, out, OPTIONS), open_key(out)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_folder_is_whole(made: tuple[Path, Study, Key]):
    """All files, a private key, and the study as it was returned."""
    out, study, key = made
    assert {path.name for path in out.iterdir()} == FILES
    assert open_study(out) == study
    assert stat.S_IMODE((out / "key.json").stat().st_mode) == 0o600
    assert key.methods == ("identity", "retrieval", "ours")  # in the order of the run's reports
    assert Counter(item.kind for item in key.items.values()) == {"rank": 16, "gold": 2, "repeat": 2}
    assert {item.item_id for item in study.items} == set(key.items)
    assert set(key.outputs) == set(METHODS)  # digests of what made their outputs; only the key has them
    # Eight classes of sounds, two of each.
    assert set(Counter(item.label for item in key.items.values() if item.kind == "rank").values()) == {2}


def test_images_are_those_of_the_key(made: tuple[Path, Study, Key], small_run: SmallRun):
    """Behind every place stands the output that the key names, pixel by pixel; gold items show the exact answer and the wrong one."""
    out, study, key = made
    for item in study.items:
        fact = key.items[item.item_id]
        for path, method in zip(item.images, fact.methods, strict=True):
            assert np.array_equal(read_image(out / path), read_image(output_path(small_run.folder, method, fact.pair_id)))
        if fact.kind == "gold":
            slots = dict(zip(study.slots, fact.methods, strict=True))
            assert (slots[fact.better], slots[fact.worse]) == ("oracle", "shuffled")


def test_nothing_public_tells_methods(made: tuple[Path, Study, Key], small_run: SmallRun):
    """No label, pair id, path or kind in any public file but the preview and template's own words; PNGs are pixels only."""
    out, study, key = made
    words = {
        *METHODS,
        "oracle",
        "shuffled",
        str(small_run.folder),
        key.secret,
        *key.outputs.values(),
        *(item.pair_id for item in key.items.values()),
    }
    for name in FILES - {"key.json", "media"}:
        text = (out / name).read_text()
        assert not [word for word in words - {"ours", "identity"} if word in text], name
    public = json.loads((out / "study.json").read_text())
    assert not [word for word in ("ours", "identity", 'gold"', '"repeat"', '"rank"') if word in json.dumps(public["items"])]
    for item in study.items:
        with Image.open(out / item.images[0]) as image:
            image.load()
            assert image.info == {}


def test_every_file_is_shown_once(made: tuple[Path, Study, Key]):
    """Items share no file, not even a repeat with its original; and nothing else lies in the folder."""
    out, study, _ = made
    paths = [path for item in study.items for path in (item.source, item.sound, item.spectrogram, *item.images)]
    assert len(set(paths)) == len(paths) == 20 * 6
    assert {f"media/{path.name}" for path in (out / "media").iterdir()} == set(paths)


def test_sounds_are_plain_wav(made: tuple[Path, Study, Key]):
    """16 bit, one channel."""
    out, study, _ = made
    facts = soundfile.info(out / study.items[0].sound)
    assert (facts.format, facts.subtype, facts.channels) == ("WAV", "PCM_16", 1)


def test_again_changes_nothing(made: tuple[Path, Study, Key], small_run: SmallRun, tmp_path: Path):
    """The same call finds the study; a page changed by hand stays, a lost file comes back as it was."""
    out = tmp_path / "renamed"
    shutil.copytree(made[0], out)
    before = _contents(out)
    (out / "template.html").write_text("mine")
    lost = made[1].items[3].images[1]
    (out / lost).unlink()
    (out / "batch.csv").unlink()
    (out / "answers.sqlite").touch()
    assert prepare(small_run.folder, out, OPTIONS) == made[1]
    assert _contents(out) == before | {"template.html": b"mine", "answers.sqlite": b""}


@pytest.mark.parametrize("change", [{"seed": 1}, {"methods": ("ours", "identity")}, {"reward": 0.2}, {"ties": True}])
def test_another_study_is_refused(made: tuple[Path, Study, Key], small_run: SmallRun, change: dict[str, object]):
    """Other options never touch a finished study."""
    before = _contents(made[0])
    with pytest.raises(DataError, match="holds a study of another run or with other options"):
        prepare(small_run.folder, made[0], replace(OPTIONS, **change))  # type: ignore[arg-type]
    assert _contents(made[0]) == before


def test_a_folder_with_other_files_is_refused(small_run: SmallRun, tmp_path: Path):
    """Answers without a study, or the run itself: nothing is written."""
    (tmp_path / "answers.sqlite").touch()
    for folder in (tmp_path, small_run.folder):
        before = sorted(folder.iterdir())
        with pytest.raises(DataError, match="not of an unfinished study"):
            prepare(small_run.folder, folder, OPTIONS)
        assert sorted(folder.iterdir()) == before


def test_a_stopped_call_goes_on(small_run: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Stopped among the media, the next call keeps what is there and ends as one that was never stopped."""
    written = []

    def stop_after_some(path: Path, content: bytes) -> None:
        if len(written) == 30:
            raise KeyboardInterrupt
        written.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    out = tmp_path / "study"
    with monkeypatch.context() as patch:
        patch.setattr(blind_media, "write_bytes", stop_after_some)
        with pytest.raises(KeyboardInterrupt):
            prepare(small_run.folder, out, OPTIONS)
    assert not (out / "study.json").exists()
    stamps = {path: path.stat().st_mtime_ns for path in written}
    secret = (out / ".secret").read_text().strip()
    # Two files of other calls: one of a sample that is no longer wanted, one that was being written.
    for name in ("0123456789abcdef0123.png", ".tmp-ab_3defg.png"):
        (out / "media" / name).touch()
    study = prepare(small_run.folder, out, OPTIONS)
    assert {path: path.stat().st_mtime_ns for path in written} == stamps
    assert {path.name for path in out.iterdir()} == FILES
    assert open_key(out).secret == secret
    monkeypatch.setattr("secrets.token_hex", lambda _n: secret)
    (tmp_path / "other").mkdir()
    assert prepare(small_run.folder, tmp_path / "other" / "study", OPTIONS) == study
    assert _contents(tmp_path / "other" / "study") == _contents(out)


def test_pairs_that_lack_an_output_are_not_shown(small_run: SmallRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """They are counted and said; if too few remain, the error says how many there are."""
    run = tmp_path / "run"
    shutil.copytree(small_run.folder, run, ignore=shutil.ignore_patterns("work", "report"))
    gone = sorted((run / "outputs" / "ours").glob("*.png"))[:20]
    for path in gone:
        path.unlink()
    study = prepare(run, tmp_path / "study", OPTIONS)
    shown = {item.pair_id for item in open_key(tmp_path / "study").items.values()}
    assert not shown & {path.stem for path in gone}
    assert len(study.items) == 20
    assert "20 of 40 pairs are not sampled, since they lack an output: ours 20" in capsys.readouterr().err.replace("\n", " ")
    with pytest.raises(DataError, match=r"--samples 21 are more than the 20 pairs .*20 lack an output \(ours 20\)"):
        prepare(run, tmp_path / "more", replace(OPTIONS, n_samples=21))
    assert not (tmp_path / "more").exists()


def test_without_controls_there_is_no_gold(small_run: SmallRun, tmp_path: Path):
    """A run without the wrong control gives a study only with --gold-rate 0."""
    run = tmp_path / "run"
    shutil.copytree(small_run.folder, run, ignore=shutil.ignore_patterns("work", "report"))
    record = json.loads((run / "results.json").read_text())
    record["methods"] = [m for m in record["methods"] if m["label"] != "shuffled"]
    (run / "results.json").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match=r"none of shuffled; leave gold items out with --gold-rate 0"):
        prepare(run, tmp_path / "study", OPTIONS)
    study = prepare(run, tmp_path / "study", replace(OPTIONS, gold_rate=0.0, repeat_rate=0.0))
    assert len(study.items) == 16


def test_a_folder_without_results(tmp_path: Path):
    """One line, nothing written."""
    with pytest.raises(IncompleteRunError, match=r"has no results\.json"):
        prepare(tmp_path / "none", tmp_path / "study", OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_mp3(small_run: SmallRun, tmp_path: Path):
    """Sounds as MP3 where asked for: as long as the WAV, but for the encoder's padding."""
    study = prepare(small_run.folder, tmp_path / "study", replace(OPTIONS, methods=("ours", "identity"), n_samples=2, sound_format="mp3"))
    facts = soundfile.info(tmp_path / "study" / study.items[0].sound)
    assert (facts.format, study.items[0].sound[-4:]) == ("MP3", ".mp3")
    assert abs(facts.duration - 3) < 0.2
