"""Training curves: which log belongs to which model, and what is drawn of it."""

from dataclasses import replace

import numpy as np
import pytest

from adis_bench.files import write_json, write_text
from adis_bench.spec import Flags, resolve
from reports.data import RunData
from reports.drawing import CVPR, ECCV, NotDrawn, drawing_on
from reports.paper_figures.curves import draw_curves, running_median, window
from reports.paper_figures.training_logs import find_logs
from tests.reports.paper_runs import made_run

WEIGHTS, DIGEST = "a" * 64, "b" * 64


def _log(folder, n=200, names=("D_real", "NCE"), weights=WEIGHTS):
    rows = [f"{25 * step},0.001,{','.join(f'{2 / step + at:.4f}' for at in range(len(names)))},20.5" for step in range(1, n + 1)]
    write_text(folder / "losses.csv", "\n".join([f"step,learning_rate,{','.join(names)},images_per_s", *rows, ""]))
    write_json(folder / "provenance.json", {"weights_sha256": weights})


def _with(run, label, **provenance):
    methods = tuple(replace(m, provenance=provenance) if m.label == label else m for m in run.results.methods)
    return RunData(run.folder, replace(run.results, methods=methods), ())


def test_a_log_in_the_working_folder_is_drawn(tmp_path):
    """A panel for each loss, raw and smoothed, which the caption says; speed and rates are no losses; the others' reasons are told."""
    _log(tmp_path / "work" / "ours")
    drawn = draw_curves(_with(made_run(tmp_path), "cut", weights_sha256=WEIGHTS), ECCV)[0]
    assert [axes.get_title() for axes in drawn.figure.axes] == ["D_real", "NCE"]
    thin, thick = drawn.figure.axes[0].lines
    assert (len(thin.get_xdata()), thin.get_alpha(), thick.get_alpha()) == (200, 0.45, None)
    assert thin.get_ydata()[0] == 2.0
    assert "thick: running median of 11 rows" in drawn.caption
    assert "cut: no losses.csv beside its model" in drawn.caption
    assert "cyclegan: trains nothing that is logged" in drawn.caption
    assert drawn.alt.startswith("Losses by training step. ours over 5,000 steps: D_real from 2 to 0.01, NCE from 3 to 1.01")


def test_a_log_beside_the_model_is_found_by_its_weights(tmp_path, monkeypatch):
    """In the cache by the model's digest, or where the method was given a path; of other weights it is another training's."""
    monkeypatch.setenv("ADIS_BENCH_CACHE", str(tmp_path / "cache"))
    run = _with(made_run(tmp_path), "ours", weights_sha256=WEIGHTS, model_digest=DIGEST)
    assert find_logs(run)[0] == ()
    _log(tmp_path / "cache" / "models" / f"ours-{DIGEST[:16]}", weights="c" * 64)
    assert find_logs(run)[0] == ()
    _log(tmp_path / "cache" / "models" / f"ours-{DIGEST[:16]}")
    assert [log.label for log in find_logs(run)[0]] == ["ours"]


def test_a_given_model_is_asked_for_its_log(tmp_path):
    """``--methods ours:PATH``: the folder stands in run.json."""
    _log(tmp_path / "model")
    run = _with(made_run(tmp_path), "ours", weights_sha256=WEIGHTS)
    assert find_logs(run)[0] == ()
    spec = resolve(Flags(labelled=(f"ours=ours:{tmp_path / 'model'}",), out=tmp_path, device="cpu"))
    write_text(tmp_path / "run.json", spec.model_dump_json())
    assert [log.label for log in find_logs(run)[0]] == ["ours"]


def test_shipped_models_have_no_log(tmp_path):
    """That is said, method by method, where nothing can be drawn."""
    run = made_run(tmp_path, ("ours", "cut"))
    for label in ("ours", "cut"):
        run = _with(run, label, weights_sha256=WEIGHTS, packaged_digest=DIGEST, scores=[])
    with pytest.raises(NotDrawn, match="^ours and cut: came trained with the package$"):
        draw_curves(run, ECCV)
    with pytest.raises(NotDrawn, match="only controls were run"):
        draw_curves(made_run(tmp_path, ()), ECCV)


def test_strange_logs_do_no_harm(tmp_path):
    """Unknown cells and numbers that are none are left out; a file without losses is no log; digests can't be patterns."""
    folder = tmp_path / "work" / "ours"
    write_text(folder / "losses.csv", "step,NCE,D\n25,1.0,\n50,nan,2\n75,inf,x\n100,0.5,3\n")
    assert find_logs(made_run(tmp_path))[0][0].losses == {"NCE": ((25.0, 1.0), (100.0, 0.5)), "D": ((50.0, 2.0), (100.0, 3.0))}
    for text in ("", "step,learning_rate\n1,2\n", "\x00\xff", "a,b\n1,2\n"):
        write_text(folder / "losses.csv", text)
        assert find_logs(_with(made_run(tmp_path), "ours", weights_sha256=WEIGHTS, model_digest="*" * 64))[0] == ()


def test_a_short_log_is_not_smoothed(tmp_path):
    """And the caption says so."""
    _log(tmp_path / "work" / "ours", n=10)
    drawn = draw_curves(made_run(tmp_path), CVPR)[0]
    assert len(drawn.figure.axes[0].lines) == 1
    assert "thin: as logged, not smoothed" in drawn.caption


def test_a_single_step_is_one_number(tmp_path):
    """Not the same number three times over; a loss's name stands whole where there is room."""
    _log(tmp_path / "work" / "ours", n=1, names=("D_mismatched", "NCE"))
    figure = draw_curves(made_run(tmp_path), CVPR)[0].figure
    with drawing_on(CVPR):
        figure.draw_without_rendering()
    for axes, name in zip(figure.axes, ("D_mismatched", "NCE"), strict=True):
        assert [label.get_text() for label in axes.get_xticklabels()] == ["25"]
        assert axes.get_title() == name


def test_the_running_median_is_one():
    """Against numpy's over each window; fewer rows at the ends; a spike leaves no trace."""
    values = list(np.random.default_rng(0).normal(size=50))
    assert running_median(values, 7) == pytest.approx([float(np.median(values[max(0, at - 3) : at + 4])) for at in range(50)])
    assert running_median([1, 1, 9, 1, 1], 3) == [1, 1, 1, 1, 1]
    # 5 % of 200 rows is 10, and the next odd number 11.
    assert [window(n) for n in (19, 20, 200)] == [0, 3, 11]
