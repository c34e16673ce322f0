"""Sweeps of made-up methods that are known to follow the sound, or not to."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adis_bench.datasets.media import read_audio, read_image, write_png
from adis_bench.errors import AdisBenchError, ConfigError, DataError, IncompleteRunError
from adis_bench.results import read_results
from adis_bench.sweeps.defaults import GAINS, WEIGHTS
from adis_bench.sweeps.matching import other_methods, other_than
from adis_bench.sweeps.records import Curve, Sweep, SweptMethod, outputs_folder, shown_sound
from adis_bench.sweeps.request import Request, request_of
from adis_bench.sweeps.scoring import first_equals
from adis_bench.sweeps.storing import read_sweep
from adis_bench.sweeps.sweep import raise_failures, sweep
from tests.sweeps.plugins import Killed, Levelled, Painter

N = 6


def _asked(kinds: str = "volume", methods: str = "", reading: str = "auto", gains: str = "-20,-10,0", n_pairs: int = N) -> Request:
    return request_of(kinds, methods, gains, "0,0.5,1", n_pairs=n_pairs, reading=reading)


def _swept(run_dir: Path, request: Request) -> Sweep:
    (found,) = sweep(run_dir, request, "adis-bench sweep")
    return found


def _method(found: Sweep, label: str) -> SweptMethod:
    method = found.method(label)
    assert method is not None
    return method


def _curve(found: Sweep, label: str, metric: str, toward: str = "target") -> Curve:
    return next(curve for curve in _method(found, label).curves if (curve.metric, curve.toward) == (metric, toward))


def _timeless(found: Sweep) -> Sweep:
    return replace(found, created="", seconds=0, command="")


def test_a_method_that_follows_volume(run_dir: Path):
    """Past its own loading, a painter of loudness has rho 1 on every pair, against a null around 0."""
    found = _swept(run_dir, request_of("volume", "levelled", GAINS, WEIGHTS, n_pairs=12))
    trend = _curve(found, "levelled", "heard").trend
    assert (trend.rho, trend.tau, trend.n, trend.n_rising, trend.n_complete) == (1.0, 1.0, 12, 12, 12)
    assert trend.p is not None
    assert trend.p < 0.05
    assert trend.null_low is not None
    assert trend.null_high is not None
    assert -0.7 < trend.null_low < 0 < trend.null_high < 0.7
    assert trend.ci_low is None
    assert "all 12 pairs have the same correlation" in trend.reason
    assert _method(found, "levelled").reading == "network"
    assert "trained on no other" in _method(found, "levelled").warning


def test_the_scores_are_those_of_the_gain(run_dir: Path):
    """-20 dB is a tenth of the amplitude, and so of the colour, to its rounding."""
    found = _swept(run_dir, _asked(methods="levelled"))
    for soft, _, full in _curve(found, "levelled", "heard").scores:
        assert soft is not None
        assert full is not None
        assert soft == pytest.approx(full / 10, abs=0.6)


def test_a_lower_is_better_metric_keeps_its_sign(run_dir: Path):
    """Brightness rises with the volume, whether or not that is better."""
    found = _swept(run_dir, _asked(methods="levelled"))
    assert _curve(found, "levelled", "darkness").trend.rho == 1.0


@pytest.mark.parametrize("label", ["deaf", "identity"])
def test_what_does_not_move_has_no_correlation(run_dir: Path, label: str):
    """A method that ignores the sound, and the control, have no correlation: not one of 0."""
    found = _swept(run_dir, _asked(methods="deaf"))
    method, trend = _method(found, label), _curve(found, label, "heard").trend
    assert (trend.rho, trend.n, trend.n_undefined) == (None, 0, N)
    assert "no pair's score changes" in trend.reason
    assert (trend.change, trend.p, trend.null_low, method.n_unmoved) == (0.0, None, None, N)


def test_rounding_is_no_movement(run_dir: Path):
    """Pictures that differ by one level in one pixel have no order, however the ranks of their scores look; two levels have one."""
    request = _asked(methods="deaf")
    first = _swept(run_dir, request)
    for nudge, n_unmoved in ((1, N), (2, 0)):
        for place, step in enumerate(first.steps):
            for pair in first.pairs:
                path = outputs_folder(run_dir, "volume", "deaf", step.name) / f"{pair.pair_id}.png"
                picture = read_image(path).copy()
                picture[0, 0] = 90 + nudge * (place > 1)
                write_png(path, picture)
        (run_dir / "sweeps" / "volume.json").unlink()
        found = _swept(run_dir, request)
        assert _method(found, "deaf").n_unmoved == n_unmoved
        assert _curve(found, "deaf", "moved").trend.n_undefined == n_unmoved
        assert _curve(found, "deaf", "darkness").trend.n == N - n_unmoved


def test_rounding_is_no_movement_beside_a_real_one(run_dir: Path):
    """Steps within one level of the first tie, also where another step moves by forty: of the others' noise no rank is made."""
    request = _asked(methods="deaf", gains="-20,-10,-5,0,6")
    first = _swept(run_dir, request)
    for step, level in zip(first.steps, (100, 101, 99, 100, 140), strict=True):
        for pair in first.pairs:
            write_png(outputs_folder(run_dir, "volume", "deaf", step.name) / f"{pair.pair_id}.png", np.full((16, 16, 3), level, np.uint8))
    (run_dir / "sweeps" / "volume.json").unlink()
    found = _swept(run_dir, request)
    assert set(_curve(found, "deaf", "darkness").scores) == {(100.0, 100.0, 100.0, 100.0, 140.0)}
    assert _method(found, "deaf").n_unmoved == 0


def test_small_steps_add_up():
    """A step is compared with the first of those that it may equal, not with its neighbour: a drift by one level each is seen."""
    pictures = [np.full((2, 2, 3), level, np.uint8) for level in (100, 101, 102, 103, 100, 255, 0)]
    assert first_equals(pictures) == [0, 0, 2, 2, 0, 5, 6]


def test_files_erase_what_the_network_would_hear(run_dir: Path):
    """Handed louder files, a method that brings sounds to one level hears no gain, and the record says so."""
    found = _swept(run_dir, _asked(methods="levelled,painter", reading="file"))
    levelled, painter = _method(found, "levelled"), _method(found, "painter")
    assert levelled.reading == painter.reading == "file"
    assert "undone before the network" in levelled.warning
    assert levelled.n_unmoved == N
    assert _curve(found, "painter", "heard").trend.rho == 1.0
    assert "not known here" in painter.warning


def test_files_are_not_clipped(run_dir: Path):
    """A gain of +20 dB lies in the file as it is, and is counted."""
    found = _swept(run_dir, _asked(methods="painter", gains="0,10,20"))
    method = _method(found, "painter")
    assert method.n_over_full_scale == 2 * N  # 0.4 * 3.16 and 0.4 * 10
    assert "12 of 18 files have peaks above 1" in method.warning
    samples, _ = read_audio(shown_sound(run_dir, "volume", "painter", "gain+20", found.shown[0]))
    assert np.abs(samples).max() > 3.9


def test_those_that_hear_no_sound_are_not_asked(run_dir: Path):
    """A state with a reason, and no curve."""
    found = _swept(run_dir, _asked(methods="labelled,elsewhere"))
    for label, words in (("labelled", "conditions on the label"), ("elsewhere", "made elsewhere")):
        method = _method(found, label)
        assert (method.state, method.curves) == ("not asked", ())
        assert words in method.reason
    assert Painter.asked == []


def test_the_network_reading_is_not_everybodys(run_dir: Path):
    """A method without TakesSounds is not asked then."""
    method = _method(_swept(run_dir, _asked(methods="painter", reading="network")), "painter")
    assert (method.state, "--reading file" in method.reason) == ("not asked", True)


@pytest.mark.parametrize("label", ["levelled", "painter"])
def test_mixtures_move_from_one_sound_to_the_other(run_dir: Path, label: str):
    """The own class's colour fades, the other's comes, and the difference of both rises."""
    found = _swept(run_dir, _asked("mix", methods=label))
    rhos = {toward: _curve(found, label, "heard", toward).trend.rho for toward in ("target", "mixed", "difference")}
    assert rhos == {"target": -1.0, "mixed": 1.0, "difference": 1.0}
    for pair in found.pairs:
        assert pair.mixed_label not in (pair.source_label, pair.target_label)


def test_a_metric_that_ignores_the_target_has_one_curve(run_dir: Path):
    """Brightness can't be towards either sound; one that needs an image of the second sound is left out with the reason."""
    found = _swept(run_dir, _asked("mix", methods="levelled"))
    assert [c.toward for c in _method(found, "levelled").curves if c.metric == "darkness"] == ["target"]
    assert "target image" in found.left_out["like_target"]
    assert any(metric.name == "like_target" for metric in _swept(run_dir, _asked(methods="levelled")).metrics)


def test_distance_moved_is_measured(run_dir: Path):
    """Of the control it is 0 at every step."""
    found = _swept(run_dir, _asked(methods="levelled"))
    assert {score for row in _curve(found, "identity", "moved").scores for score in row} == {0.0}
    assert all(score for row in _curve(found, "levelled", "moved").scores for score in row)


def test_a_killed_sweep_goes_on(run_dir: Path, tmp_path: Path):
    """The pictures that are there stay, and the numbers are those of a call that was not cut short."""
    request = _asked("volume,mix", methods="levelled,painter")
    Painter.dies_after = 2 * N + 3
    with pytest.raises(Killed):
        sweep(run_dir, request, "first")
    assert read_sweep(run_dir, "volume") is None
    Painter.dies_after, before = None, len(Painter.asked)
    again = sweep(run_dir, request, "second")
    assert len(Painter.asked) - before == (2 * 2 * 3 - 2) * N  # two whole steps were there
    other = sweep_elsewhere(run_dir, tmp_path, request)
    assert [_timeless(one) for one in again] == [_timeless(one) for one in other]


def sweep_elsewhere(run_dir: Path, tmp_path: Path, request: Request) -> Sequence[Sweep]:
    """The same sweeps in a copy of the run without any."""
    import shutil

    copy = shutil.copytree(run_dir, tmp_path / "copy", ignore=shutil.ignore_patterns("sweeps"))
    return sweep(copy, request, "other")


def test_a_finished_sweep_is_read(run_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """The same call opens no dataset and asks nobody; other gains are another sweep, whose folders replace the former's."""
    first = _swept(run_dir, _asked(methods="levelled"))
    asked = len(Painter.asked)
    with monkeypatch.context() as patch:
        patch.setattr("adis_bench.sweeps.sweep.open_dataset", lambda spec: pytest.fail("opened"))
        assert _swept(run_dir, _asked(methods="levelled")) == first
        assert read_sweep(run_dir, "volume") == first
    second = _swept(run_dir, _asked(methods="levelled", gains="-20,-5,0"))
    assert [step.name for step in second.steps] == ["gain-20", "gain-5", "gain+0"]
    assert len(Painter.asked) - asked == N  # of the two others the pictures were there
    assert not outputs_folder(run_dir, "volume", "levelled", "gain-10").exists()


def test_what_is_replaced_is_told_and_cleared(run_dir: Path, capsys: pytest.CaptureFixture[str]):
    """Another sweep takes a record's place: stderr says of what, and pictures that nothing names go; other files stay."""
    _swept(run_dir, _asked(methods="levelled,painter"))
    foreign = run_dir / "sweeps" / "volume" / "outputs" / "painter" / "mine.txt"
    foreign.write_text("mine")
    assert "replaced" not in capsys.readouterr().err
    _swept(run_dir, _asked(methods="levelled", n_pairs=3))
    said = capsys.readouterr().err
    assert "volume.json is replaced; it holds another sweep: 6 pairs, 3 steps of \u221220 to 0, seed 0, levelled, painter, identity" in said
    assert list(foreign.parent.iterdir()) == [foreign]
    assert not (run_dir / "sweeps" / "volume" / "sounds" / "painter").exists()
    assert len(list(outputs_folder(run_dir, "volume", "levelled", "gain-20").glob("*.png"))) == 3


def test_nothing_outside_is_cleared(run_dir: Path, tmp_path: Path):
    """A folder of pictures that leads elsewhere is left alone."""
    first = _swept(run_dir, _asked(methods="levelled"))
    folder = outputs_folder(run_dir, "volume", "levelled", "gain-10")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    _swept(run_dir, _asked(methods="levelled", gains="-20,-5,0"))
    assert (tmp_path / "elsewhere" / f"{first.pairs[0].pair_id}.png").is_file()


def test_more_pairs_are_other_pairs(run_dir: Path):
    """Classes take turns, and the subset is seeded."""
    few, again = (_swept(run_dir, _asked(methods="deaf", n_pairs=n)) for n in (3, 7))
    assert sorted(pair.target_label for pair in few.pairs) == ["ocean", "rain", "stream"]
    assert [pair.pair_id for pair in again.pairs[:3]] == [pair.pair_id for pair in few.pairs]
    other = _swept(run_dir, replace(_asked(methods="deaf", n_pairs=7), seed=5))
    assert {pair.pair_id for pair in other.pairs} != {pair.pair_id for pair in again.pairs}


def test_a_failing_method_does_not_stop_the_others(run_dir: Path):
    """It is recorded with its reason, the call fails in one line, and the same call tries again."""
    Painter.breaks = True
    found = sweep(run_dir, _asked(methods="levelled,painter"), "")
    assert (_method(found[0], "levelled").state, _method(found[0], "painter").state) == ("failed", "swept")
    with pytest.raises(AdisBenchError, match="1 methods failed.*levelled: RuntimeError: no luck today"):
        raise_failures(found)
    Painter.breaks = False
    again = sweep(run_dir, _asked(methods="levelled,painter"), "")
    raise_failures(again)
    assert _method(again[0], "levelled").state == "swept"


def test_another_model_is_refused(run_dir: Path):
    """A model that is not the one of the run's outputs would be called by its name."""
    Painter.digest = "another"
    found = _swept(run_dir, _asked(methods="levelled"))
    assert "is not the one that made the run's outputs" in _method(found, "levelled").reason


def test_unknown_methods_and_folders(run_dir: Path, tmp_path: Path):
    """One line each; near labels are suggested."""
    with pytest.raises(ConfigError, match="did you mean levelled"):
        sweep(run_dir, _asked(methods="leveled"), "")
    with pytest.raises(IncompleteRunError, match="is not a run"):
        sweep(tmp_path, _asked(), "")


def test_a_damaged_record(run_dir: Path):
    """Readers refuse it, and a sweep makes it anew."""
    first = _swept(run_dir, _asked(methods="levelled"))
    path = run_dir / "sweeps" / "volume.json"
    path.write_text(path.read_text().replace('"n_rising"', '"rising"'))
    with pytest.raises(DataError, match=r"volume\.json cannot be read .*`adis-bench sweep") as caught:
        read_sweep(run_dir, "volume")
    assert "n_rising is missing" in str(caught.value)
    assert not {"pydantic", "errors for Sweep", "http"} & set(str(caught.value).replace("/", " ").replace(":", " ").split())
    assert "validation error" not in str(caught.value)
    assert _timeless(_swept(run_dir, _asked(methods="levelled"))) == _timeless(first)


def test_other_schemas(run_dir: Path):
    """The message says which one it is."""
    _swept(run_dir, _asked(methods="levelled"))
    path = run_dir / "sweeps" / "volume.json"
    path.write_text(path.read_text().replace('"schema_version": 2', '"schema_version": 1').replace('"extractors"', '"networks"'))
    with pytest.raises(DataError, match="has schema version 1, not 2; delete it"):
        read_sweep(run_dir, "volume")


def test_a_record_cannot_name_files_elsewhere(run_dir: Path):
    """Labels, steps and pairs become parts of paths."""
    _swept(run_dir, _asked(methods="levelled"))
    path = run_dir / "sweeps" / "volume.json"
    path.write_text(path.read_text().replace('"label": "levelled"', '"label": "../../levelled"'))
    with pytest.raises(DataError, match="cannot be read"):
        read_sweep(run_dir, "volume")


def test_a_sweep_knows_its_run(run_dir: Path):
    """What it rests on is compared with the run's results, fact by fact and method by method."""
    found, results = _swept(run_dir, _asked(methods="levelled")), read_results(run_dir)
    assert (other_than(found, results), other_methods(found, results)) == ([], {})
    assert found.extractors == {"mean_color": "c" * 64}
    changed = replace(found, dataset_digest="0", resolution=8, extractors={"mean_color": "0"})
    assert other_than(changed, results) == ["dataset", "resolution", "extractor mean_color"]
    strangers = other_methods(replace(found, methods=tuple(replace(m, digest="0") for m in found.methods)), results)
    assert strangers == dict.fromkeys(["levelled", "identity"], "the run has another model of that name")


def test_pictures_lie_by_method_and_step(run_dir: Path):
    """And the sound of a shown pair lies beside them, at the level that the network got."""
    found = _swept(run_dir, _asked(methods="levelled"))
    pair_id = found.shown[0]
    assert read_image(outputs_folder(run_dir, "volume", "levelled", "gain-20") / f"{pair_id}.png").shape == (16, 16, 3)
    samples, _ = read_audio(shown_sound(run_dir, "volume", "levelled", "gain-20", pair_id))
    assert np.abs(samples).max() == pytest.approx(0.1, rel=1e-5)
    assert isinstance(Levelled.sound_rate_hz, int)
