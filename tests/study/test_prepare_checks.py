"""What `study prepare` refuses or says before it writes anything."""

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_json
from adis_bench.study.mturk.question import MAX_BYTES, question_xml
from adis_bench.study.prepare import prepare
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.records import ScreeningRules, open_key
from adis_bench.study.texts import MAX_CHARACTERS, study_texts
from tests.study.conftest import SmallRun

OPTIONS = PrepareOptions(("ours", "identity"), study_texts(2, False), n_samples=8, n_workers=2, gold_rate=0.25, repeat_rate=0.125)
URL = "https://example.org/s/"


@pytest.fixture
def run(small_run: SmallRun, tmp_path: Path) -> Path:
    """A copy of the small run without what no study needs."""
    shutil.copytree(small_run.folder, tmp_path / "run", ignore=shutil.ignore_patterns("work", "report"))
    return tmp_path / "run"


def test_pages_too_large_for_mechanical_turk(small_run: SmallRun, tmp_path: Path):
    """Texts that are allowed one by one but make a page of more than 65,535 bytes: refused before anything is written."""
    long = "\u00e4" * (MAX_CHARACTERS - 1)
    options = replace(OPTIONS, texts=study_texts(2, False, instructions=long, consent=long), asset_url=URL)
    with pytest.raises(
        ConfigError, match=r"the page of an item has [\d,]+ bytes .* takes 65,535; shorten .*or leave --asset-url out"
    ) as caught:
        prepare(small_run.folder, tmp_path / "study", options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "study").exists()
    # Our own server takes pages of any size.
    assert len(prepare(small_run.folder, tmp_path / "study", replace(options, asset_url="")).items) == 11


def test_a_page_that_just_fits_can_be_sent(small_run: SmallRun, tmp_path: Path):
    """The draft that is measured is as large as the real pages: one byte more than fits is refused, what fits is published."""
    short = prepare(small_run.folder, tmp_path / "short", replace(OPTIONS, texts=study_texts(2, False, consent="x"), asset_url=URL))
    room = MAX_BYTES - max(len(question_xml(short, item, sandbox=True).encode()) for item in short.items)

    def options(n: int) -> PrepareOptions:
        texts = study_texts(2, False, consent="x" * min(n, MAX_CHARACTERS))
        rest = max(n - MAX_CHARACTERS, 0)
        return replace(OPTIONS, texts=replace(texts, instructions=texts.instructions + "x" * rest), asset_url=URL)

    with pytest.raises(ConfigError, match="has 65,536 bytes"):
        prepare(small_run.folder, tmp_path / "study", options(room + 2))
    study = prepare(small_run.folder, tmp_path / "study", options(room + 1))
    assert {len(question_xml(study, item, sandbox=True).encode()) for item in study.items} == {MAX_BYTES}


def test_gold_items_too_few_to_act(small_run: SmallRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Said with the rate that would be enough, or that none is; not where the rule is off or acts."""
    prepare(small_run.folder, tmp_path / "few", OPTIONS)
    told = capsys.readouterr().err
    assert "a worker may meet only 2 gold items, and the rule on them leaves nobody out below 4; raise --gold-rate to 0.5\n" in told
    prepare(small_run.folder, tmp_path / "shared", replace(OPTIONS, reading="shared"))
    assert (
        "a worker may meet only 1 gold item, and the rule on them leaves nobody out below 4; give each worker more samples\n"
        in capsys.readouterr().err
    )
    prepare(small_run.folder, tmp_path / "off", replace(OPTIONS, rules=ScreeningRules(min_gold=None)))
    prepare(small_run.folder, tmp_path / "enough", replace(OPTIONS, gold_rate=None))
    assert "the rule" not in capsys.readouterr().err
    assert sum(item.kind == "gold" for item in open_key(tmp_path / "enough").items.values()) == 4


def _all_sounds(run: Path, path: Path) -> None:
    table = pq.read_table(run / "pairs.parquet")
    rows = [row | {"target_audio_path": str(path)} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), run / "pairs.parquet")


@pytest.mark.parametrize("samples", [np.full(800, np.nan, np.float32), np.zeros(0, np.float32)])
def test_sounds_that_are_none(run: Path, tmp_path: Path, samples: np.ndarray):
    """Refused in one line before anything is written."""
    soundfile.write(tmp_path / "bad.wav", samples, 8000, subtype="FLOAT")
    _all_sounds(run, tmp_path / "bad.wav")
    with pytest.raises(DataError, match=r"bad\.wav") as caught:
        prepare(run, tmp_path / "study", OPTIONS)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "study").exists()


def test_silence_is_noted(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The study is made, and the note counts the sound once."""
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000, np.float32), 8000)
    _all_sounds(run, tmp_path / "silent.wav")
    prepare(run, tmp_path / "study", OPTIONS)
    assert "1 of 1 sounds can hardly be judged (1 silent, 0 shorter than 0.1 s), first: " in capsys.readouterr().err


def test_controls_are_asked_of_gold_pairs_only(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Of 40 pairs 30 lack the wrong control: all 38 samples can still be had, and gold items are among the 10."""
    paths = sorted((run / "outputs" / "shuffled").glob("*.png"))
    kept = {path.stem for path in paths[:10]}
    for path in paths[10:]:
        path.unlink()
    prepare(run, tmp_path / "study", replace(OPTIONS, n_samples=38, gold_rate=0.1))
    facts = open_key(tmp_path / "study").items.values()
    assert {fact.pair_id for fact in facts if fact.kind == "gold"} <= kept
    assert len({fact.pair_id for fact in facts if fact.kind == "rank"}) == 38
    told = capsys.readouterr().err
    assert "30 of 40 pairs can't be gold items, since they lack an output: shuffled 30" in told
    assert "no further pairs for 2 of 4 gold items" in told
    with pytest.raises(
        DataError, match=r"11 gold items need as many pairs .*oracle and shuffled, and 30 of 40 lack one \(shuffled 30\); lower"
    ):
        prepare(run, tmp_path / "more", replace(OPTIONS, n_samples=22, gold_rate=0.5))
    assert not (tmp_path / "more").exists()


def test_no_list_of_methods_can_be_tried_out(small_run: SmallRun, tmp_path: Path):
    """No digest in study.json is that of any choice of the run's methods, by names or by what made them, with what is public."""
    study = prepare(small_run.folder, tmp_path / "study", OPTIONS)
    methods, public = small_run.results.methods, set(study.run.values())
    assert set(study.run) == {"protocol", "dataset", "pairs", "options"}
    results = json.loads((small_run.folder / "results.json").read_text())
    assert {study.run["dataset"], study.run["pairs"]} == {results["dataset"]["digest"], results["pairs"]["digest"]}
    shapes: tuple[Callable[..., object], ...] = (
        lambda chosen: [{m.label: m.provenance for m in chosen}, small_run.results.resolution],
        lambda chosen: {m.label: m.provenance for m in chosen},
        lambda chosen: [m.label for m in chosen],
        lambda chosen: [m.provenance for m in chosen],
    )
    choices = [chosen for n in range(1, len(methods) + 1) for chosen in itertools.combinations(methods, n)]
    assert not {digest_json(shape(chosen)) for shape in shapes for chosen in choices} & public
