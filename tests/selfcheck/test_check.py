"""The whole self-check on a small demo world, and its page."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from adis_bench.cli.main import AdisBench
from adis_bench.datasets.demo.world import make
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError, IncompleteRunError
from adis_bench.selfcheck import check as check_module
from adis_bench.selfcheck.damage import DAMAGES, WRONG_SHARES
from adis_bench.selfcheck.measures import _state
from adis_bench.selfcheck.records import CHECK_NAME, SelfCheck, read_check
from adis_bench.selfcheck.separation import Separation
from adis_bench.spec import RunSpec
from reports.metric_check import write_page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A check of the offline protocol, two draws, by the command."""
    out = tmp_path_factory.mktemp("check")
    arguments = ["check", "metrics", "--protocol", "offline", "--preset", "tiny", "--seeds", "2", "--out", str(out), "--json"]
    ended = CliRunner().invoke(AdisBench(name="adis-bench"), arguments)
    assert ended.exit_code == 0, ended.output
    assert {"metrics", "seeds", "page"} <= json.loads(ended.stdout).keys()
    return out


@pytest.fixture(scope="module")
def check(folder: Path) -> SelfCheck:
    """What it found."""
    return read_check(folder)


def test_a_metric_that_works_is_told_from_one_that_cannot(check: SelfCheck) -> None:
    """Label similarity separates the classes of the demo world; the pooled Fréchet distance sees the same frames on both sides."""
    by_name = {metric.record.name: metric for metric in check.metrics}
    works, blind = by_name["label_similarity"], by_name["fd"]
    assert works.separation.auc > 0.9
    assert works.state == "works"
    assert (blind.right, blind.wrong) == ("target", "target-noise-40_grey_levels")
    assert blind.record.failure == ""
    structure = by_name["structure_similarity"]
    assert (structure.right, structure.wrong) == ("identity", "shuffled")
    assert structure.spread.right[0] == structure.values["identity"] == pytest.approx(1, abs=1e-6)


def test_responses_are_shares_of_a_way_that_is_there(check: SelfCheck) -> None:
    """A distance to all frames notices noise; where right and wrong can't be told apart there is no share, but a change."""
    for metric in check.metrics:
        shares = [response.share for response in metric.responses]
        if metric.state == "works":
            assert all(share is not None and abs(share) < 20 for share in shares), metric.record.name
        else:
            assert set(shares) == {None}
        assert all(response.change is not None for response in metric.responses)
    pooled = next(metric for metric in check.metrics if metric.record.name == "fd")
    change = {(response.kind, response.strength): response.change for response in pooled.responses}
    assert change["noise", "40 grey levels"] > change["noise", "10 grey levels"] > 0
    assert abs(change["wrong class", "100% of the images"]) < 1e-6 * change["noise", "40 grey levels"]


def test_structure_is_asked_about_the_damaged_source(check: SelfCheck) -> None:
    """The right image of a metric that compares with the source is the source: blurred, it is less like itself."""
    metric = next(metric for metric in check.metrics if metric.record.name == "structure_similarity")
    change = {(response.kind, response.strength): response.change for response in metric.responses}
    assert change["blur", "4% of the side"] < change["blur", "1% of the side"] < 0
    assert change["brightness", "times 0.8"] > change["blur", "4% of the side"]


def test_damaged_images_follow_those_they_are_made_of(tmp_path: Path) -> None:
    """At another resolution in the same folder no image of the old one stays."""
    preset = tmp_path / "larger.toml"
    preset.write_text('extends = "tiny"\nresolution = 96\n')
    out = tmp_path / "out"
    world = Path(tmp_path / "world")
    make(world, n_train=40, n_judge=16, n_test=32, resolution=64)
    for name in ("tiny", str(preset)):
        arguments = ["check", "metrics", "--data", str(world), "--protocol", "offline", "--preset", name, "--seeds", "1", "--out", str(out)]
        ended = CliRunner().invoke(AdisBench(name="adis-bench"), arguments)
        assert ended.exit_code == 0, ended.output
    sizes = {Image.open(path).size for path in (out / "outputs").glob("target-*/*.png")}
    assert sizes == {(96, 96)}


def test_wrong_images_move_the_mean_in_proportion(check: SelfCheck) -> None:
    """Half the images wrong is about half the way for a mean of pairs; all of them wrong is exactly all of it."""
    metric = next(metric for metric in check.metrics if metric.record.name == "label_similarity")
    wrong = {response.strength: response for response in metric.responses if response.kind == "wrong class"}
    assert wrong["100% of the images"].share == pytest.approx(1)
    assert 0.3 < wrong["50% of the images"].share < 0.7
    assert wrong["50% of the images"].ci_high < 0
    assert len(metric.responses) == len(DAMAGES) + len(WRONG_SHARES) + 1


def test_draws_differ(check: SelfCheck) -> None:
    """Each seed draws pairs of its own; the spread is over them."""
    assert check.seeds == (0, 1)
    spreads = [metric.spread for metric in check.metrics if metric.record.name == "label_similarity"]
    assert spreads[0].right[0] != spreads[0].right[1]
    assert spreads[0].deviation > 0


def test_bf16_is_another_computation(check: SelfCheck) -> None:
    """Its shift is there for every metric, and small beside the way from right to wrong."""
    metric = next(metric for metric in check.metrics if metric.record.name == "label_similarity")
    way = metric.values["target"] - metric.values["shuffled"]
    assert 0 < abs(metric.bf16_shift["target"]) < 0.05 * way
    assert all(set(m.bf16_shift) == {m.right, m.wrong} for m in check.metrics)


def test_a_second_call_finds_the_same(folder: Path, check: SelfCheck) -> None:
    """Nothing but the time differs."""
    arguments = ["check", "metrics", "--protocol", "offline", "--preset", "tiny", "--seeds", "2", "--out", str(folder)]
    ended = CliRunner().invoke(AdisBench(name="adis-bench"), arguments)
    assert ended.exit_code == 0, ended.output
    assert read_check(folder).metrics == check.metrics
    assert ("FAILS" in ended.stdout) == any(metric.state == "fails" for metric in check.metrics)


def test_the_page_names_what_fails(folder: Path, check: SelfCheck) -> None:
    """It opens from disk without scripts, shows every damage, and escapes what it is given."""
    page = write_page(folder).read_text()
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in page
    assert "frames under strong noise" in page
    assert all(f"{damage.kind}, {damage.strength}" in page for damage in DAMAGES)


def test_a_missing_or_damaged_check_is_named(tmp_path: Path, folder: Path) -> None:
    """One line each, with the command that makes it."""
    with pytest.raises(IncompleteRunError, match="adis-bench check metrics"):
        read_check(tmp_path)
    (tmp_path / CHECK_NAME).write_text((folder / CHECK_NAME).read_text()[:100])
    with pytest.raises(DataError, match="cannot be read"):
        read_check(tmp_path)


def test_a_backend_without_bf16_costs_the_shift_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The original packages run in float32 only: the rest of the check is there all the same."""
    real = check_module.prepared_extractors

    def exact_only(spec: RunSpec, dataset: Dataset) -> object:
        if spec.precision == "bf16":
            raise ConfigError("runs in float32 only")
        return real(spec, dataset)

    monkeypatch.setattr(check_module, "prepared_extractors", exact_only)
    arguments = ["check", "metrics", "--protocol", "offline", "--preset", "tiny", "--seeds", "1", "--out", str(tmp_path)]
    ended = CliRunner().invoke(AdisBench(name="adis-bench"), arguments)
    assert ended.exit_code == 0, ended.output
    assert "no shift in bf16 is measured: runs in float32 only" in ended.stderr
    metric = read_check(tmp_path).metrics[0]
    assert set(metric.bf16_shift.values()) == {None}
    assert metric.separation.auc is not None


def test_the_judge_is_trained_anew_for_every_seed(check: SelfCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that the suite trains come from the draw's seed; those that others publish are opened once."""
    asked = []

    def prepared(spec: RunSpec, dataset: Dataset) -> dict[str, object]:
        asked.append((spec.seed, spec.extractors))
        return {name: f"{name} of seed {spec.seed}" for name in spec.extractors}

    class Theirs:
        weights_name = "openai-clip-vit-b32"

    monkeypatch.setattr(check_module, "prepared_extractors", prepared)
    theirs, spec = Theirs(), RunSpec.model_construct(seed=0, extractors=("l3_image", "clip_vit_b32"))
    found = check_module._of_seed(spec, 3, None, {"l3_image": object(), "clip_vit_b32": theirs})  # type: ignore[arg-type,dict-item]
    assert asked == [(3, ("l3_image",))]
    assert found == {"l3_image": "l3_image of seed 3", "clip_vit_b32": theirs}
    avc = next(metric for metric in check.metrics if metric.record.name == "avc")
    assert avc.spread.deviation > 0


def test_what_nothing_was_measured_by_is_not_called_working() -> None:
    """A difference without an interval and an AUC without one say nothing; either interval decides."""
    unknown, good, bad = (Separation(0.9, low, 1.0 if low else None, 3, "blocks") for low in (None, 0.6, 0.4))
    assert _state(True, False, unknown) == "unknown"  # could not be compared: a reason, but no finding
    assert _state(False, False, unknown) == "unknown"
    assert _state(False, True, unknown) == _state(True, False, good) == "works"
    assert _state(True, True, unknown) == _state(True, True, good) == _state(False, True, bad) == "fails"
