"""Which classes meet: pictures and sounds of a grid, and classes that are not evaluated."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.assembly import pairs_record
from adis_bench.datasets.class_pairs import class_rounds, sides_of
from adis_bench.datasets.pairs import export_pairs, make_pairs, read_pairs, write_pairs
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import DataError
from tests.datasets.grids import grid, sound


@given(n_sources=st.integers(1, 7), n_targets=st.integers(1, 7), n_shared=st.integers(0, 3), seed=st.integers(0, 50))
def test_a_round_holds_every_class_pair_once(n_sources, n_targets, n_shared, seed):
    """Each source class meets each other target class once, and no class meets itself."""
    sources = sorted([*(f"a{k}" for k in range(n_sources)), *(f"c{k}" for k in range(n_shared))])
    targets = sorted([*(f"b{k}" for k in range(n_targets)), *(f"c{k}" for k in range(n_shared))])
    dealt = list(class_rounds(sources, targets, np.random.default_rng(seed)))
    assert sorted(dealt) == sorted((s, t) for s in sources for t in targets if s != t)


@given(n_sources=st.integers(1, 7), n_targets=st.integers(1, 7), seed=st.integers(0, 50))
def test_a_stretch_of_a_round_is_even(n_sources, n_targets, seed):
    """As many pairs as the larger side has classes hold each of them once, and the others equally often, to within one."""
    sources, targets = [f"a{k}" for k in range(n_sources)], [f"b{k}" for k in range(n_targets)]
    longer = max(n_sources, n_targets)
    dealt = list(class_rounds(sources, targets, np.random.default_rng(seed)))[:longer]
    for side, labels in ((0, sources), (1, targets)):
        counts = Counter(pair[side] for pair in dealt)
        assert max(counts[label] for label in labels) - min(counts[label] for label in labels) <= 1


def test_a_large_list_is_the_whole_grid():
    """Every picture meets every sound of another class, once."""
    dataset = grid({"forest": 3, "beach": 2, "rain": 1}, {"rain": 2, "ocean": 3})
    pairs = make_pairs(dataset, 1000, 0)
    assert len(pairs) == len({(p.source.segment_id, p.target.segment_id) for p in pairs}) == 6 * 5 - 1 * 2
    assert not any(p.source.has_sound for p in pairs)
    assert all(p.target.has_sound for p in pairs)
    assert pairs_record(dataset, pairs).class_pairs.covered == pairs_record(dataset, pairs).class_pairs.possible == 3 * 2 - 1


def test_a_part_of_the_grid_is_dealt_evenly():
    """Class pairs, pictures and sounds are used equally often, to within one, and a smaller list is the beginning."""
    dataset = grid({"forest": 4, "beach": 4, "street": 4}, {"rain": 6, "ocean": 6})
    pairs = make_pairs(dataset, 24, 3)
    assert {*Counter((p.source.label, p.target.label) for p in pairs).values()} == {4}
    assert {*Counter(p.source.segment_id for p in pairs).values()} == {2}
    assert {*Counter(p.target.segment_id for p in pairs).values()} == {2}
    assert make_pairs(dataset, 7, 3) == pairs[:7]
    assert make_pairs(dataset.with_segments(reversed(dataset.segments)), 24, 3) == pairs


def test_a_frame_of_a_target_is_no_source():
    """The sounds' own frames are what `target` shows, not what is restyled."""
    dataset = grid({"forest": 2}, {"rain": 2, "ocean": 2}, framed=True)
    assert {s.label for s in sides_of(dataset).sources} == {"forest"}
    assert {p.source.label for p in make_pairs(dataset, 100, 0)} == {"forest"}


def test_what_is_not_evaluated_makes_no_pairs():
    """A class in `not_evaluated` is neither source nor target, in a grid and elsewhere."""
    whole = grid({"forest": 2, "unknown": 2}, {"rain": 2, "unknown": 2})
    part = replace(whole, not_evaluated={"unknown": "never tagged"})
    assert {(p.source.label, p.target.label) for p in make_pairs(whole, 99, 0)} == {
        ("forest", "rain"),
        ("forest", "unknown"),
        ("unknown", "rain"),
    }
    assert {(p.source.label, p.target.label) for p in make_pairs(part, 99, 0)} == {("forest", "rain")}
    recorded = replace(
        part, pairing="recorded", segments=tuple(sound(k, n, framed=True) for k in ("rain", "ocean", "unknown") for n in (0, 1))
    )
    pairs = make_pairs(recorded, 99, 0)
    assert {label for p in pairs for label in (p.source.label, p.target.label)} == {"rain", "ocean"}
    assert pairs_record(recorded, pairs).class_pairs.possible == 2


def test_nothing_to_pair_is_told():
    """A grid of one class, or a dataset whose classes are not evaluated, says what there is and why."""
    with pytest.raises(DataError, match="2 images of class rain and 3 sounds of class rain; a grid needs .* different classes"):
        make_pairs(grid({"rain": 2}, {"rain": 3}), 5, 0)
    unknown = replace(grid({"unknown": 1}, {"unknown": 1}), pairing="recorded", not_evaluated={"unknown": "never tagged"})
    with pytest.raises(DataError, match="0 of 1 classes have test data .*class unknown is not evaluated: never tagged"):
        make_pairs(unknown, 5, 0)


def test_a_sound_alone_in_a_recorded_dataset_is_no_source():
    """Where some segments lack a side, they still serve on the other."""
    dataset = replace(grid({"rain": 1}, {"ocean": 1}), pairing="recorded")
    assert [(p.source.label, p.target.label) for p in make_pairs(dataset, 9, 0)] == [("rain", "ocean")]


def _saved(tmp_path: Path) -> Dataset:
    dataset = grid({"forest": 2}, {"rain": 2})

    def moved(segment: Segment) -> Segment:
        audio = tmp_path / segment.audio_path.name if segment.has_sound else Path()
        return replace(segment, audio_path=audio, frame_paths=tuple(tmp_path / path.name for path in segment.frame_paths))

    saved = replace(dataset, root=tmp_path.resolve(), segments=tuple(map(moved, dataset.segments)))
    saved.save()
    return saved


def test_one_sided_segments_survive_the_file(tmp_path):
    """A picture has no sound and a sound no picture when it is read back; no path stands for what isn't there."""
    dataset = _saved(tmp_path)
    opened = Dataset.open(tmp_path)
    assert opened.segments == dataset.segments
    assert [(s.has_frames, s.has_sound) for s in opened.segments] == [(True, False)] * 2 + [(False, True)] * 2
    assert pq.read_table(tmp_path / "index.parquet")["audio_path"].to_pylist()[0] == ""


def test_a_grid_s_pairs_survive_the_file(tmp_path):
    """A target without a frame has an empty path in the list, which reads back equal and can be exported."""
    dataset = _saved(tmp_path)
    pairs = make_pairs(dataset, 4, 0)
    write_pairs(pairs, tmp_path / "pairs.parquet")
    assert read_pairs(tmp_path / "pairs.parquet", dataset) == pairs
    assert set(pq.read_table(tmp_path / "pairs.parquet")["target_frame_path"].to_pylist()) == {""}
    for segment in dataset.segments:
        for path in (*segment.frame_paths, *([segment.audio_path] if segment.has_sound else [])):
            path.write_bytes(b"media")
    export_pairs(pairs, tmp_path / "export", None)
    assert len(list((tmp_path / "export" / "targets").iterdir())) == 2
