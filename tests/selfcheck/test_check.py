"""The whole self-check on a small demo world, and its page."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from adis_bench.cli.main import AdisBench
from adis_bench.datasets.records import Dataset
from adis_bench.errors import ConfigError, DataError, IncompleteRunError
from adis_bench.selfcheck import check as check_module
from adis_bench.selfcheck.damage import DAMAGES, WRONG_SHARES
from adis_bench.selfcheck.records import CHECK_NAME, SelfCheck, read_check
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
    assert not works.fails
    assert blind.fails
    assert "does not put target ahead" in blind.record.failure
    assert by_name["structure_similarity"].right == "identity"


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
    assert spreads[0].target[0] != spreads[0].target[1]
    assert spreads[0].deviation > 0


def test_bf16_is_another_computation(check: SelfCheck) -> None:
    """Its shift is there for every metric, and small beside the way from right to wrong."""
    metric = next(metric for metric in check.metrics if metric.record.name == "label_similarity")
    way = metric.values["target"] - metric.values["shuffled"]
    assert 0 < abs(metric.bf16_shift["target"]) < 0.05 * way
    assert all(set(m.bf16_shift) == {"target", "shuffled"} for m in check.metrics)


def test_a_second_call_finds_the_same(folder: Path, check: SelfCheck) -> None:
    """Nothing but the time differs."""
    arguments = ["check", "metrics", "--protocol", "offline", "--preset", "tiny", "--seeds", "2", "--out", str(folder)]
    ended = CliRunner().invoke(AdisBench(name="adis-bench"), arguments)
    assert ended.exit_code == 0, ended.output
    assert read_check(folder).metrics == check.metrics
    assert "FAILS" in ended.stdout


def test_the_page_names_what_fails(folder: Path, check: SelfCheck) -> None:
    """It opens from disk without scripts, shows every damage, and escapes what it is given."""
    page = write_page(folder).read_text()
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in page
    assert "fd does not put target ahead of shuffled" in page
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
