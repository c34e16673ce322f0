"""The gallery's media and data: bounded, made once, honest about what is missing."""

import errno
import json
import shutil
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from adis_bench.datasets.media import read_image
from adis_bench.results import PairScore
from reports import gallery, gallery_media
from reports.data import PairRow, RunData
from reports.gallery import GalleryOptions, balanced_order, build_gallery, pair_link
from reports.gallery_data import Scores, script_safe
from reports.gallery_media import Level, SoundMaker, levels
from reports.media import MediaFolder
from tests.reports.conftest import LABELS, METHODS, N_PAIRS, SIDE, pair_rows
from tests.reports.gallery_pages import write_gallery_page, write_many, write_scores


def build(run_dir, **options):
    """A gallery with its parsed data."""
    g = build_gallery(RunData.open(run_dir), MediaFolder(run_dir / "report"), GalleryOptions(**options))
    return g, json.loads(g.data)


def _copy(run_dir, folder):
    shutil.copytree(run_dir, folder)
    pq.write_table(pa.Table.from_pylist(pair_rows(folder)), folder / "pairs.parquet")
    return folder


@pytest.fixture(scope="module")
def built(template, tmp_path_factory):
    """The run's folder, its gallery as it is without options, the data, and the size of all media; for looking only."""
    run_dir = _copy(template, tmp_path_factory.mktemp("built") / "run")
    media = MediaFolder(run_dir / "report")
    g = build_gallery(RunData.open(run_dir), media)
    media.prune()
    return run_dir, g, json.loads(g.data), media.n_bytes


@pytest.fixture
def run_dir(built, tmp_path):
    """A copy of the run, with its gallery's media: what a test doesn't change isn't encoded again."""
    return _copy(built[0], tmp_path / "run")


def size(g):
    """Bytes of pictures and sounds."""
    return g.picture_bytes + g.sound_bytes


def test_every_pair_is_there_with_its_scores(built):
    """Ids in the order of the pair list, a strip each, one score for every method and metric that scores pairs."""
    run_dir, g, data, _ = built
    run = RunData.open(run_dir)
    assert data["ids"] == [p.pair_id for p in run.pairs] == list(g.shown)
    assert [m["label"] for m in data["methods"]] == list(METHODS)
    assert [m["name"] for m in data["metrics"]] == ["avc", "label_similarity", "structure_similarity", "avc_raw"]
    assert data["scores"][0][METHODS.index("ours")] == [0.37] * N_PAIRS
    assert len(set(data["strips"])) == N_PAIRS
    assert all((run_dir / "report" / url).is_file() for url in data["strips"])


def test_sounds_are_written_once(built):
    """Twelve pairs share four sounds: four files, of the length of the sounds."""
    _, g, data, _ = built
    assert g.n_sounds == len(data["sounds"]) == len(LABELS)
    assert Counter(data["sound"]) == dict.fromkeys(range(4), 3)
    assert all(seconds == 3.0 and highest == 8000 for _, _, seconds, highest in data["sounds"])


def test_the_stated_sizes_are_those_of_the_files(built):
    """Pictures and sounds together are the bytes in the folder, after what was only tried has gone."""
    run_dir, g, _, n_bytes = built
    assert sum(path.stat().st_size for path in (run_dir / "report/media").iterdir()) == size(g) == n_bytes


def test_small_runs_are_shown_without_loss(built):
    """Strips of pictures of 64 pixels hold source and outputs exactly."""
    run_dir, g, data, _ = built
    assert g.level == Level(SIDE, None)
    run = RunData.open(run_dir)
    strip = np.asarray(Image.open(run_dir / "report" / data["strips"][5]).convert("RGB"))
    cells = [strip[:, place * SIDE : (place + 1) * SIDE] for place in range(len(METHODS) + 1)]
    np.testing.assert_array_equal(cells[0], read_image(run.pairs[5].source_path, SIDE))
    for cell, method in zip(cells[1:], data["methods"], strict=True):
        np.testing.assert_array_equal(cell, read_image(run.output_path(method["label"], run.pairs[5].pair_id)))


def test_pictures_get_smaller_until_the_bound_holds(run_dir, built):
    """Below the size of lossless strips, lossy or smaller ones are taken, for all pairs."""
    bound = size(built[1]) // 2
    g, _ = build(run_dir, max_bytes=bound)
    assert g.level.quality is not None
    assert g.n_shown == N_PAIRS
    assert size(g) <= bound


def test_levels_are_measured_only_where_they_are_needed(run_dir, built, monkeypatch):
    """Where the sharpest one fits, no other is encoded; each is measured once where it doesn't."""
    measured = []
    plain = gallery.strip_sizes

    def sizes(run, pair, steps):
        measured.extend(steps)
        return plain(run, pair, steps)

    monkeypatch.setattr(gallery, "strip_sizes", sizes)
    build(run_dir)
    assert set(measured) == {Level(SIDE, None)}
    measured.clear()
    build(run_dir, max_bytes=size(built[1]) // 2)
    assert set(Counter(measured).values()) == {N_PAIRS}
    assert set(measured) == set(levels(SIDE, len(METHODS) + 1))


def test_beyond_the_smallest_pictures_a_balanced_part_is_shown(run_dir):
    """The bound always holds; target classes differ by one at most."""
    smallest, _ = build(run_dir, max_bytes=1)
    assert (smallest.n_shown, size(smallest)) == (0, 0)
    g, data = build(run_dir, max_bytes=140_000)
    assert 0 < g.n_shown < N_PAIRS == g.n_pairs == data["total"]
    assert size(g) <= 140_000
    counts = Counter(data["targets"])
    assert max(counts.values()) - min(counts.values()) <= 1


def test_the_seed_orders_pairs_evenly():
    """Every beginning has as many pairs of each target class, whatever their share; another seed takes others."""
    pairs = [PairRow(f"{i}", "a", "rain" if i < 90 else "snow", None, None) for i in range(100)]
    first = balanced_order(pairs, 0)
    assert Counter(p.target_label for p in first[:20]) == {"rain": 10, "snow": 10}
    assert sorted(first, key=pairs.index) == pairs
    assert first == balanced_order(pairs, 0) != balanced_order(pairs, 1)


def test_a_second_report_encodes_nothing(run_dir, built, monkeypatch):
    """Strips and sounds of the same files are taken from the report before."""
    monkeypatch.setattr(gallery_media, "write_bytes", lambda *_: pytest.fail("written again"))
    assert build(run_dir)[1] == built[2]


def test_a_changed_output_gets_a_new_strip(run_dir, built):
    """The strip's name follows the pictures in it."""
    before = built[2]
    run = RunData.open(run_dir)
    Image.new("RGB", (SIDE, SIDE)).save(run.output_path("ours", run.pairs[2].pair_id))
    _, after = build(run_dir)
    assert [place for place, (a, b) in enumerate(zip(before["strips"], after["strips"], strict=True)) if a != b] == [2]


def test_what_is_missing_is_named_and_counted(run_dir):
    """A missing and a damaged output are gaps with a reason, also in a second report; missing sources and sounds are told."""
    run = RunData.open(run_dir)
    run.output_path("ours", run.pairs[0].pair_id).unlink()
    run.output_path("cut", run.pairs[1].pair_id).write_bytes(b"no picture")
    run.pairs[0].source_path.unlink()
    run.pairs[-1].target_audio_path.write_bytes(b"no sound")
    for _ in range(2):
        g, data = build(run_dir)
        gaps = {(int(i), int(c)): data["reasons"][why] for i, cells in data["gaps"].items() for c, why in cells.items()}
        assert gaps[0, 1 + METHODS.index("ours")] == "no output"
        assert gaps[1, 1 + METHODS.index("cut")] == "cannot be read"
        assert {why for (_, cell), why in gaps.items() if cell == 0} == {"image missing"}
        assert g.n_missing == 2
        assert data["sound"][-1] == -1


def test_a_full_disk_is_no_missing_sound(run_dir, monkeypatch):
    """What can't be written is an error, not a gap in the gallery."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gallery_media, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        SoundMaker(MediaFolder(run_dir / "elsewhere"))(RunData.open(run_dir).pairs[0].target_audio_path)


def test_pairs_without_a_score_have_a_reason(run_dir):
    """No score is null with the run's reason, never 0; one that is nowhere is said to be not scored."""
    rows = [{"pair_id": p.pair_id} for p in RunData.open(run_dir).pairs]
    write_scores(run_dir, rows[1:], METHODS, np.random.default_rng(0), [PairScore(rows[0]["pair_id"], "ours", "avc", None, "silent sound")])
    _, data = build(run_dir)
    ours, cut = METHODS.index("ours"), METHODS.index("cut")
    assert data["scores"][0][ours][0] is data["scores"][0][cut][0] is None
    assert data["reasons"][data["why"][0][ours]["0"]] == "silent sound"
    assert data["reasons"][data["why"][0][cut]["0"]] == "not scored"
    assert all(value is not None for value in data["scores"][0][ours][1:])


def test_scores_are_short_and_as_exact_as_shown(run_dir):
    """Four significant digits, more only where more are shown; whole numbers have no digits behind the point."""
    run = RunData.open(run_dir)
    ids = [p.pair_id for p in run.pairs]
    values = {ids[0]: 0.123456789, ids[1]: 1234.56789, ids[2]: -0.00001234567, ids[3]: 0.0}
    whole = [PairScore(i, "ours", "avc_raw", 1.0, None) for i in ids]
    write_scores(run_dir, [], METHODS, np.random.default_rng(0), [PairScore(i, "ours", "avc", v, None) for i, v in values.items()] + whole)
    _, data = build(run_dir)
    places = data["metrics"][0]["digits"]
    assert places in (1, 2, 3)
    assert data["scores"][0][METHODS.index("ours")][:4] == [0.1235, round(1234.56789, places), -0.00001235, 0.0]
    assert data["metrics"][-1] == {**data["metrics"][-1], "name": "avc_raw", "digits": 0}
    assert Scores(run, run.pairs).value("nowhere", "ours", "avc") is None


def test_full_size_adds_the_outputs_without_loss(tmp_path):
    """On demand every output is there pixel by pixel, outside the bound and stated."""
    write_many(tmp_path / "run", 6, ("ours",), n_sounds=2)
    lossy, _ = build(tmp_path / "run", max_bytes=60_000)
    assert lossy.full_bytes == 0
    g, data = build(tmp_path / "run", full_size=True, max_bytes=60_000)
    assert (g.n_shown, g.picture_bytes, g.sound_bytes) == (lossy.n_shown, lossy.picture_bytes, lossy.sound_bytes)
    assert g.full_bytes == sum((tmp_path / "run/report" / url).stat().st_size for url in set(data["full"]))
    strip = np.asarray(Image.open(tmp_path / "run/report" / data["full"][0]).convert("RGB"))
    cell = 1 + [m["label"] for m in data["methods"]].index("ours")
    run = RunData.open(tmp_path / "run")
    np.testing.assert_array_equal(strip[:, cell * SIDE : (cell + 1) * SIDE], read_image(run.output_path("ours", g.shown[0])))


def test_full_size_adds_nothing_to_strips_without_loss(run_dir, capsys):
    """They are the outputs already; the page and stderr say so."""
    path, g = write_gallery_page(run_dir, GalleryOptions(full_size=True))
    assert (g.full_bytes, json.loads(g.data)["full"]) == (0, [])
    assert "so that --full-size adds none" in path.read_text()
    assert "--full-size adds nothing" in capsys.readouterr().err


def test_levels_fit_what_an_image_file_can_be():
    """Sides never exceed the run's resolution or, with hundreds of methods, WebP's widest picture; lossless is for small pictures."""
    assert [(step.side, step.quality) for step in levels(64, 9)] == [(64, None), (64, 90), (64, 80), (64, 75), (48, 70)]
    assert levels(256, 9)[0] == Level(256, 90)
    assert all(step.side * 900 <= 16_383 for step in levels(256, 900))


def test_json_ends_no_script():
    """No text of a run can end the script that it stands in, and all of it comes back."""
    hostile = {"a": "</script><script>alert(1)</script>", "b": "<!-- <script>", "c": "“🌧”\u2028 & ' \""}
    text = script_safe(hostile)
    assert "<" not in text
    assert json.loads(text) == hostile


def test_links_keep_odd_ids():
    """Whatever a pair is called, its link is one fragment."""
    assert pair_link("a b#&=%") == "#pair=a%20b%23%26%3D%25"


def test_a_run_without_pairs_has_an_empty_gallery(run_dir):
    """Nothing to show is no failure."""
    run = RunData.open(run_dir)
    g = gallery.build_gallery(RunData(run.folder, run.results, ()), MediaFolder(run_dir / "report"))
    assert (g.n_shown, size(g), g.examples) == (0, 0, ())
