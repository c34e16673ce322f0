"""A finished study found again, after this or that was lost or has changed."""

import shutil
from pathlib import Path

import pytest

from adis_bench.study import finished
from adis_bench.study.blind_media import BlindMedia
from adis_bench.study.prepare import prepare
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.records import Key, Study, open_key
from adis_bench.study.sampling import output_path
from adis_bench.study.texts import study_texts
from tests.study.conftest import SmallRun

OPTIONS = PrepareOptions(("ours", "identity"), study_texts(2, False), n_samples=8, n_workers=2, gold_rate=0.25, repeat_rate=0.125)
Made = tuple[Path, Path, Study, Key]


@pytest.fixture(scope="module")
def original(small_run: SmallRun, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run without what no study needs, and a study of it; not to be changed."""
    folder = tmp_path_factory.mktemp("again")
    shutil.copytree(small_run.folder, folder / "run", ignore=shutil.ignore_patterns("work", "report"))
    prepare(folder / "run", folder / "study", OPTIONS)
    return folder / "run", folder / "study"


@pytest.fixture
def made(original: tuple[Path, Path], tmp_path: Path) -> Made:
    """Copies of both, with the study and its key as they were returned."""
    shutil.copytree(original[0], tmp_path / "run")
    shutil.copytree(original[1], tmp_path / "study")
    return tmp_path / "run", tmp_path / "study", prepare(original[0], original[1], OPTIONS), open_key(original[1])


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_empty_files_count_as_lost(made: Made, original: tuple[Path, Path]):
    """As a full disk leaves them: pages and media come back as they were."""
    out, study = made[1], made[2]
    item = study.items[4]
    for name in ("batch.csv", "template.html", "preview.html", "estimate.json", item.source, item.sound, item.images[1]):
        (out / name).write_bytes(b"")
    assert prepare(original[0], out, OPTIONS) == study
    assert _contents(out) == _contents(original[1])


def test_a_changed_run_is_told(made: Made, capsys: pytest.CaptureFixture[str]):
    """Outputs of the run are gone: a line says so, the study stays, lost media whose output is there come back, and others are told."""
    run, out, study, key = made
    before = _contents(out)
    first, second = [item for item in study.items if key.items[item.item_id].kind == "rank"][:2]
    for item in (first, second):
        (out / item.images[0]).unlink()
        (out / item.images[1]).unlink()
    lost = next(path for path, method in zip(first.images, key.items[first.item_id].methods, strict=True) if method == "ours")
    output_path(run, "ours", key.items[first.item_id].pair_id).unlink()
    capsys.readouterr()
    assert prepare(run, out, OPTIONS) == study
    told = capsys.readouterr().err
    assert "have changed since the study was made" in told
    assert f"media of 1 of {len(study.items)} items are lost and can't be made anew; take them from a copy; first: {first.item_id}" in told
    assert told.count("\n") == 2
    after = _contents(out)
    assert set(before) - set(after) >= {lost}
    assert set(before) - set(after) <= set(first.images)
    assert all(before[name] == content for name, content in after.items())


def test_fewer_pairs_than_samples(made: Made, capsys: pytest.CaptureFixture[str]):
    """A run that no longer has enough pairs for the study leaves it as it is, and nobody is told to ask for fewer."""
    run, out, study, _ = made
    shutil.rmtree(run / "outputs" / "identity")
    before = _contents(out)
    capsys.readouterr()
    assert prepare(run, out, OPTIONS) == study
    assert _contents(out) == before
    assert "it would be another one now; it stays as it is" in capsys.readouterr().err


def test_an_unchanged_run_says_nothing(made: Made, original: tuple[Path, Path], capsys: pytest.CaptureFixture[str]):
    """The same call, nothing lost: not a word."""
    capsys.readouterr()
    prepare(original[0], made[1], OPTIONS)
    assert capsys.readouterr().err == ""


def test_names_of_another_version(
    made: Made, original: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Media that this version would name otherwise are never written under a wrong name."""
    out, study = made[1], made[2]
    (out / study.items[0].source).unlink()
    monkeypatch.setattr("adis_bench.study.blind_media._DIGITS", 19)
    capsys.readouterr()
    assert prepare(original[0], out, OPTIONS) == study
    assert "whose files another version of adis-bench named" in capsys.readouterr().err
    assert not (out / study.items[0].source).exists()


def test_a_pair_that_the_run_lost(made: Made, original: tuple[Path, Path], capsys: pytest.CaptureFixture[str]):
    """Its media can't come back, and the line says why."""
    out, study, key = made[1:]
    (out / study.items[0].sound).unlink()
    finished.restore(BlindMedia(out, original[0], key.secret, "", 64, "wav"), study, key, [])
    assert f"first: {study.items[0].item_id}, whose pair is no longer in the run" in capsys.readouterr().err


def test_the_key_makes_the_study_again(made: Made, original: tuple[Path, Path], tmp_path: Path):
    """In a new folder with a copy of the key the same command makes the same study, byte by byte; without the key another one."""
    for name in ("with", "without"):
        (tmp_path / name / "study").mkdir(parents=True)
    shutil.copy2(made[1] / "key.json", tmp_path / "with" / "study")
    assert prepare(original[0], tmp_path / "with" / "study", OPTIONS) == made[2]
    assert _contents(tmp_path / "with" / "study") == _contents(original[1])
    other = prepare(original[0], tmp_path / "without" / "study", OPTIONS)
    assert not {item.item_id for item in other.items} & {item.item_id for item in made[2].items}
