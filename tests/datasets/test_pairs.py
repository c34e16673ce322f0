"""The pair list."""

import csv
import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.media import read_image
from adis_bench.datasets.pairs import PAIR_SCHEMA, export_pairs, make_pairs, pairs_digest, read_pairs, write_pairs
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.errors import ConfigError, DataError


def _segment(label, number, group="g", frames=1):
    name = f"{label}-{number}"
    shas = tuple(hashlib.sha256(f"{name}/{k}".encode()).hexdigest() for k in range(frames))
    return Segment(
        name, label, "test", Path(f"/m/{name}.wav"), hashlib.sha256(name.encode()).hexdigest(), f"a-{label}-{group}",
        tuple(Path(f"/m/{name}-{k}.png") for k in range(frames)), shas, (f"p-{label}-{group}",) * frames, 16000,
    )  # fmt: skip


def _dataset(counts, frames=1):
    segments = [_segment(f"c{k}", number, str(number), frames) for k, n in enumerate(counts) for number in range(n)]
    return Dataset(Path("/m"), "fake", {}, "recorded", {f"c{k}": f"c {k}" for k in range(len(counts))}, tuple(segments))


def _spread(counts):
    return max(counts) - min(counts)


@given(counts=st.lists(st.integers(1, 5), min_size=2, max_size=5), frames=st.integers(1, 2), n=st.integers(1, 80), seed=st.integers(0, 99))
def test_pairs_are_valid_and_distinct(counts, frames, n, seed):
    """Classes differ, no (source image, target) comes twice, ids are unique, and only exhaustion shortens the list."""
    pairs = make_pairs(_dataset(counts, frames), n, seed)
    total = sum(counts[a] * frames * counts[b] for a in range(len(counts)) for b in range(len(counts)) if a != b)
    assert len(pairs) == min(n, total)
    assert all(p.source.label != p.target.label for p in pairs)
    assert len({(p.source_path, p.target.segment_id) for p in pairs}) == len(pairs)
    assert len({p.pair_id for p in pairs}) == len(pairs)


@given(k=st.integers(2, 5), size=st.integers(2, 5), n=st.integers(1, 60), seed=st.integers(0, 99))
def test_coverage_is_even(k, size, n, seed):
    """With equal classes, the counts of class pairs, source classes and target classes differ by at most one."""
    pairs = make_pairs(_dataset([size] * k), min(n, k * (k - 1) * size * size), seed)
    labels = [f"c{i}" for i in range(k)]
    by_pair = Counter((p.source.label, p.target.label) for p in pairs)
    assert _spread([by_pair[a, b] for a in labels for b in labels if a != b]) <= 1
    for side in (Counter(p.source.label for p in pairs), Counter(p.target.label for p in pairs)):
        assert _spread([side[a] for a in labels]) <= 1


def test_sources_and_targets_are_used_evenly():
    """Within a class, every source image and every target is used as often as the others, to within one."""
    pairs = make_pairs(_dataset([7, 5, 6]), 60, 3)
    for label, size in (("c0", 7), ("c1", 5), ("c2", 6)):
        sources = Counter(p.source_path for p in pairs if p.source.label == label)
        targets = Counter(p.target.segment_id for p in pairs if p.target.label == label)
        assert len(sources) == len(targets) == size
        assert _spread(sources.values()) <= 1
        assert _spread(targets.values()) <= 1


def test_every_group_comes_before_any_comes_twice():
    """A class of one photograph with nine crops and two others shows all three photographs in its first three pairs."""
    crops = [_segment("c0", number, "one") for number in range(9)] + [_segment("c0", 10, "two"), _segment("c0", 11, "three")]
    dataset = _dataset([0, 6]).with_segments([*crops, *_dataset([0, 6]).segments])
    for seed in range(10):
        sources = [p.source_group for p in make_pairs(dataset, 12, seed) if p.source.label == "c0"]
        assert len(set(sources[:3])) == 3


def test_same_input_gives_same_pairs_and_fewer_give_the_first():
    """(dataset, seed) decide; a smaller n is a prefix; another seed or other content gives another list."""
    dataset = _dataset([4, 4, 4])
    pairs = make_pairs(dataset, 30, 7)
    assert make_pairs(dataset, 30, 7) == pairs
    assert make_pairs(dataset.with_segments(reversed(dataset.segments)), 30, 7) == pairs
    assert make_pairs(dataset, 11, 7) == pairs[:11]
    assert [p.pair_id for p in make_pairs(dataset, 30, 8)] != [p.pair_id for p in pairs]


def test_the_id_is_made_of_labels_and_content():
    """The id is source-to-target with eight digits of sha256 over frame digest, sound digest and segment id."""
    pair = make_pairs(_dataset([1, 1]), 1, 0)[0]
    text = "\n".join([pair.source.frame_sha256[0], pair.target.audio_sha256, pair.target.segment_id])
    assert pair.pair_id == f"{pair.source.label}-to-{pair.target.label}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def test_an_image_of_several_segments_is_one_source():
    """Where one photograph illustrates two sounds, it is not used as two source images."""
    first, second = _segment("c0", 0), _segment("c0", 1)
    shared = replace(second, frame_paths=first.frame_paths, frame_sha256=first.frame_sha256)
    dataset = _dataset([0, 3]).with_segments([first, shared, *_dataset([0, 3]).segments])
    pairs = make_pairs(dataset, 100, 0)
    assert Counter(p.source.label for p in pairs) == {"c0": 3, "c1": 6}  # 1 image x 3 targets; 3 images x 2 targets


def test_only_the_test_split_is_used():
    """Given a whole dataset, training and judge segments make no pairs."""
    test = _dataset([2, 2])
    others = [replace(s, segment_id=f"x-{s.segment_id}", split=split) for s in test.segments for split in ("train", "judge")]
    pairs = make_pairs(test.with_segments([*test.segments, *others]), 100, 0)
    assert len(pairs) == 8
    assert {s.split for p in pairs for s in (p.source, p.target)} == {"test"}


def test_one_class_is_a_clear_error():
    """Test data of a single class is refused with the count, the class and the remedy."""
    with pytest.raises(DataError, match=r"1 of 2 classes have test data \(c0\).*add photographs"):
        make_pairs(_dataset([3, 0]), 5, 0)
    with pytest.raises(ConfigError, match="at least 1"):
        make_pairs(_dataset([3, 3]), 0, 0)


def test_the_digest_follows_order_and_content():
    """Another order, another subset or other sound bytes give another digest."""
    pairs = make_pairs(_dataset([2, 2]), 4, 0)
    other = replace(pairs[0], target=replace(pairs[0].target, audio_sha256="0" * 64))
    digests = {pairs_digest(p) for p in (pairs, pairs[::-1], pairs[:3], (other, *pairs[1:]))}
    assert len(digests) == 4


def test_pairs_survive_the_file(tiny_dataset, tmp_path):
    """What was written is read back equal, with the promised columns."""
    dataset = tiny_dataset()
    pairs = make_pairs(dataset, 10, 1)
    path = tmp_path / "run" / "pairs.parquet"
    write_pairs(pairs, path)
    assert read_pairs(path, Dataset.open(dataset.root)) == pairs
    table = pq.read_table(path)
    assert table.schema.equals(PAIR_SCHEMA)
    assert table["source_path"][0].as_py() == str(pairs[0].source_path)


def test_pairs_of_another_dataset_are_refused(tiny_dataset, tmp_path):
    """A list whose segments are unknown or hold other content is refused with the count."""
    dataset = tiny_dataset()
    path = tmp_path / "pairs.parquet"
    write_pairs(make_pairs(dataset, 4, 1), path)
    emptied = dataset.with_segments([])
    with pytest.raises(DataError, match="4 of 4 pairs"):
        read_pairs(path, emptied)
    changed = dataset.with_segments(replace(s, audio_sha256="0" * 64) for s in dataset.segments)
    with pytest.raises(DataError, match="4 of 4 pairs"):
        read_pairs(path, changed)


def test_an_unreadable_list_is_a_clear_error(tiny_dataset, tmp_path):
    """A truncated file is a DataError that names it."""
    path = tmp_path / "pairs.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="cannot be read"):
        read_pairs(path, tiny_dataset())


def test_export_gives_all_that_other_code_needs(tiny_dataset, tmp_path):
    """Every row of pairs.csv names an image of the wanted size and the target's very sound file."""
    pairs = make_pairs(tiny_dataset(side=16), 8, 0)
    out = tmp_path / "export"
    export_pairs(pairs, out, 32)
    rows = list(csv.DictReader((out / "pairs.csv").open()))
    assert [row["pair_id"] for row in rows] == [p.pair_id for p in pairs]
    for row, pair in zip(rows, pairs, strict=True):
        assert read_image(out / row["source_image"]).shape == (32, 32, 3)
        assert (out / row["target_sound"]).read_bytes() == pair.target.audio_path.read_bytes()
        assert (row["source_label"], row["target_label"]) == (pair.source.label, pair.target.label)
    readme = (out / "README.txt").read_text()
    assert "<pair_id>.png" in readme
    assert "--train-data" not in readme


def test_export_without_a_resolution_keeps_the_bytes(tiny_dataset, tmp_path):
    """Source images are copied as they are."""
    pairs = make_pairs(tiny_dataset(), 3, 0)
    export_pairs(pairs, tmp_path / "export", None)
    row = next(csv.DictReader((tmp_path / "export" / "pairs.csv").open()))
    assert (tmp_path / "export" / row["source_image"]).read_bytes() == pairs[0].source_path.read_bytes()


def test_exported_cells_cannot_become_formulas(tiny_dataset, tmp_path):
    """A label that begins like a formula is written as text."""
    pair = make_pairs(tiny_dataset(), 1, 0)[0]
    hostile = replace(pair, source=replace(pair.source, label="=1+1"))
    export_pairs([hostile], tmp_path / "export", 8)
    assert next(csv.DictReader((tmp_path / "export" / "pairs.csv").open()))["source_label"] == "'=1+1"
