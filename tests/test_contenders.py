"""What methods can be asked for, and which training data their outputs are of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adis_bench import contenders
from adis_bench.contenders import Contender, askable, contenders_of, make_outputs, saved_records
from adis_bench.datasets.combined import combined
from adis_bench.datasets.pairs import make_pairs
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import DataError
from adis_bench.outputs import MANIFEST_NAME, OutputFolder
from adis_bench.results import MethodRecord
from adis_bench.spec import Flags, RunSpec, resolve


@pytest.fixture
def dataset(tiny_dataset: Callable[..., Dataset]) -> Dataset:
    """Three classes."""
    return tiny_dataset()


@pytest.fixture
def pairs(dataset: Dataset) -> tuple[Pair, ...]:
    """All of it."""
    return make_pairs(dataset.split("test"), 6, 0)


@pytest.fixture
def spec(dataset: Dataset, tmp_path: Path) -> RunSpec:
    """A run of the controls."""
    return resolve(Flags(data=dataset.root, preset="tiny", protocol="offline", device="cpu", out=tmp_path / "run"))


def _made(spec: RunSpec, dataset: Dataset, pairs: tuple[Pair, ...]) -> list[MethodRecord]:
    made = [c for c in contenders_of(spec, dataset, pairs) if c.label in ("target", "identity")]
    return [make_outputs(contender, spec, dataset.split("train"), pairs)[0] for contender in made]


def _without_first(dataset: Dataset, split: str) -> Dataset:
    """The same pairs, other training data."""
    first = next(s for s in dataset.segments if s.split == split)
    return dataset.with_segments(s for s in dataset.segments if s is not first)


@pytest.mark.parametrize("split", ["train", "judge"])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_outputs_are_not_scored_on_other_training_data(
    spec: RunSpec, dataset: Dataset, pairs: tuple[Pair, ...], split: str, elsewhere: bool
):
    """The pairs don't tell that the training data has changed; the outputs do, until they have been made for the new one."""
    test, changed = dataset.split("test"), _without_first(dataset, split)
    before, after = (combined(test, data, "") if elsewhere else data for data in (dataset, changed))
    records = _made(spec, before, pairs)
    assert [r for r in saved_records(spec, before, pairs) if r.n_outputs] == records
    with pytest.raises(DataError, match="the training data has changed since 2 of 4 methods made .*first: target; run the same"):
        saved_records(spec, after, pairs)
    _made(spec, after, pairs)
    assert [r.n_outputs for r in saved_records(spec, after, pairs)] == [6, 6, 0, 0]
    with pytest.raises(DataError, match="the training data has changed"):
        saved_records(spec, before, pairs)


def test_images_that_do_not_depend_on_it_are_kept(
    spec: RunSpec, dataset: Dataset, pairs: tuple[Pair, ...], monkeypatch: pytest.MonkeyPatch
):
    """`target` and `identity` make nothing anew for other training data; outputs of older versions, which don't tell, are taken."""
    _made(spec, dataset, pairs)
    manifest = OutputFolder.of(spec.out, "target").path / MANIFEST_NAME
    monkeypatch.setattr("adis_bench.outputs.write_png", lambda *_: pytest.fail("made again"))
    changed = _without_first(dataset, "train")
    assert [r.n_outputs for r in _made(spec, changed, pairs)] == [6, 6]
    told = manifest.read_text()
    for label in ("target", "identity"):
        path = OutputFolder.of(spec.out, label).path / MANIFEST_NAME
        path.write_text(path.read_text().replace(contenders.training_digest(changed), ""))
    assert manifest.read_text() != told
    assert len(saved_records(spec, dataset, pairs)) == 4


def test_a_failure_leaves_no_outputs_of_other_training_data(spec: RunSpec, dataset: Dataset, pairs: tuple[Pair, ...]):
    """A method that can't be trained on the new data is not scored by what it made for the old."""
    _made(spec, dataset, pairs)
    changed = _without_first(dataset, "train")

    def failed(on: Dataset) -> MethodRecord:
        (target,) = (c for c in contenders_of(spec, on, pairs) if c.label == "target")

        class Failing(type(target.method)):  # type: ignore[misc]
            def fit(self, *_: object) -> None:
                raise DataError("no")

        broken = Contender("target", True, Failing(target.options), target.options, target.trained_on)
        record, failure = make_outputs(broken, spec, on.split("train"), pairs)
        assert failure is not None
        return record

    assert failed(dataset).n_outputs == 6
    assert failed(changed).n_outputs == 0


def test_label_methods_are_asked_for_classes_that_they_can_learn(dataset: Dataset, pairs: tuple[Pair, ...]):
    """A class that the training data only names is not asked for; without any training data a model answers for itself."""
    train = dataset.split("train")
    poor = train.with_segments(s for s in train.segments if s.label != "rain")
    assert "rain" in poor.displays
    asked, words = askable("cut", "label", poor, pairs)
    assert {pair.target.label for pair in asked} == {"ocean", "stream"}
    assert words == "not asked for 2 of 6 pairs, where the training data has no such target class"
    assert askable("ours", "sound", poor, pairs) == (pairs, "")
    assert askable("cut", "label", train.with_segments(()), pairs) == (pairs, "")


def test_what_is_asked_for_nothing_has_no_outputs(
    spec: RunSpec, dataset: Dataset, pairs: tuple[Pair, ...], monkeypatch: pytest.MonkeyPatch
):
    """Outputs that are left from other data are neither scored nor in the way."""
    _made(spec, dataset, pairs)
    changed = _without_first(dataset, "train")
    monkeypatch.setattr(contenders, "askable", lambda name, *_: ((), "not asked for 6 of 6") if name == "target" else (pairs, ""))
    assert [r.n_outputs for r in _made(spec, changed, pairs)] == [0, 6]
    assert [r.n_outputs for r in saved_records(spec, changed, pairs)] == [0, 6, 0, 0]
