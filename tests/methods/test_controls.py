"""The controls."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.demo.world import make
from adis_bench.datasets.media import read_image
from adis_bench.datasets.pairs import make_pairs
from adis_bench.errors import ConfigError, DataError
from adis_bench.methods.controls import Identity, Oracle, Shuffled, Target, deal_other_labels
from adis_bench.methods.protocol import Method, MethodOptions, NeedsPairs


def _options(**changes):
    return MethodOptions(**{"resolution": 16, **changes})


@pytest.fixture
def pairs(tiny_dataset):
    """Twelve pairs of a tiny dataset."""
    return make_pairs(tiny_dataset(), 12, 0)


@pytest.mark.parametrize("control", [Identity, Target, Shuffled, Oracle])
def test_controls_keep_the_protocol(control):
    """Every control is a Method, and tells what it is without being fitted."""
    method = control(_options())
    assert isinstance(method, Method)
    assert method.name == control.__name__.lower()
    assert len(method.provenance()["digest"]) == 64


@pytest.mark.parametrize("control", [Identity, Target, Shuffled, Oracle])
def test_controls_refuse_settings_and_variants(control):
    """A setting that does nothing would mislead, so it is refused by name."""
    with pytest.raises(ConfigError, match="takes no settings and no variant, but got 'width'"):
        control(_options(settings={"width": 3}))
    with pytest.raises(ConfigError, match="'some/where'"):
        control(_options(variant="some/where"))


def test_identity_is_the_source(pairs):
    """Identity yields the source images at the run's resolution."""
    for image, pair in zip(Identity(_options(resolution=24)).stylize(pairs), pairs, strict=True):
        assert np.array_equal(image, read_image(pair.source_path, 24))


def test_target_is_the_first_frame_of_the_target(pairs):
    """Target yields the target segments' own frames."""
    for image, pair in zip(Target(_options()).stylize(pairs), pairs, strict=True):
        assert np.array_equal(image, read_image(pair.target.frame_paths[0], 16))


def test_shuffled_deals_the_targets_frames_to_other_classes(pairs):
    """The frames are those of `target`, each as often, and none belongs to its pair's target class."""
    label_of = {read_image(p.target.frame_paths[0], 16).tobytes(): p.target.label for p in pairs}
    images = [image.tobytes() for image in Shuffled(_options()).stylize(pairs)]
    assert Counter(images) == Counter(image.tobytes() for image in Target(_options()).stylize(pairs))
    assert all(label_of[image] != pair.target.label for image, pair in zip(images, pairs, strict=True))


def test_shuffled_gives_the_same_in_parts(pairs):
    """After `plan`, the frames do not depend on how the pairs are cut into parts; the seed changes them."""
    method = Shuffled(_options(seed=5))
    assert isinstance(method, NeedsPairs)
    method.plan(pairs)
    whole = np.stack(list(method.stylize(pairs)))
    parts = np.stack([image for start in (8, 0, 4) for image in method.stylize(pairs[start : start + 4])])
    assert np.array_equal(np.concatenate([parts[4:], parts[:4]]), whole)
    assert not np.array_equal(np.stack(list(Shuffled(_options(seed=6)).stylize(pairs))), whole)


def test_shuffled_refuses_pairs_outside_its_plan(pairs):
    """A pair that the plan does not hold is an error, not another frame."""
    method = Shuffled(_options())
    method.plan(pairs[:6])
    with pytest.raises(ConfigError, match="6 of 12 pairs were not in the plan"):
        method.stylize(pairs)


def test_shuffled_digest_follows_pairs_and_seed(pairs):
    """Everything that determines the frames is in the digest."""
    digests = set()
    for seed, chosen in ((0, pairs), (1, pairs), (0, pairs[:6])):
        method = Shuffled(_options(seed=seed))
        method.plan(chosen)
        digests.add(method.provenance()["digest"])
    assert len(digests) == 3


def test_shuffled_with_one_target_class_shows_the_source(pairs):
    """Where no other target class exists, the frame is still of another class than the target."""
    same = [p for p in pairs if p.target.label == pairs[0].target.label]
    for image, pair in zip(Shuffled(_options()).stylize(same), same, strict=True):
        assert np.array_equal(image, read_image(pair.source_path, 16))


def _without_frames(pairs, which=lambda pair: True):
    """The same pairs with targets that are sounds alone."""
    bare = {"frame_paths": (), "frame_sha256": (), "frame_groups": ()}
    return [replace(p, target=replace(p.target, **bare)) if which(p) else p for p in pairs]


def test_shuffled_without_target_frames_deals_training_frames(pairs, tiny_dataset, tmp_path):
    """Training frames in turn, none of the target's class; other training data, other images."""
    train = tiny_dataset().split("train")
    method, bare = Shuffled(_options()), _without_frames(pairs)
    method.plan(bare)
    with pytest.raises(ConfigError, match="before `fit`"):
        method.stylize(bare)
    method.fit(train, tmp_path)
    label_of = {read_image(s.frame_paths[0], 16).tobytes(): s.label for s in train.segments}
    shown = [image.tobytes() for image in method.stylize(bare)]
    assert all(label_of[image] != pair.target.label for image, pair in zip(shown, bare, strict=True))
    assert set(shown) == set(label_of)
    other = Shuffled(_options())
    other.plan(bare)
    other.fit(train.with_segments(train.segments[1:]), tmp_path)
    assert len({m.provenance()["digest"] for m in (method, other)}) == 2
    assert "training frames" in method.description


def test_shuffled_leaves_training_frames_that_might_fit(pairs, tiny_dataset, tmp_path):
    """Classes that are not evaluated, `unknown` say, might hold the target's; they are dealt if there are no others."""
    train = tiny_dataset().split("train")
    method, bare = Shuffled(_options()), _without_frames(pairs)
    for left_out, expected in ((["ocean"], {"rain", "stream"}), (["ocean", "rain", "stream"], {"ocean", "rain", "stream"})):
        method.plan(bare)
        method.fit(replace(train, not_evaluated=dict.fromkeys(left_out, "never tagged")), tmp_path)
        label_of = {read_image(s.frame_paths[0], 16).tobytes(): s.label for s in train.segments}
        assert {label_of[image.tobytes()] for image in method.stylize(bare)} == expected


def test_shuffled_deals_the_frames_that_there_are(pairs):
    """Where some targets have none, the frames of the others come, of another class where there is one."""
    some = _without_frames(pairs, lambda pair: pair.target.label == "ocean")
    label_of = {read_image(p.target.frame_paths[0], 16).tobytes(): p.target.label for p in some if p.target.has_frames}
    images = [image.tobytes() for image in Shuffled(_options()).stylize(some)]
    assert all(label_of[image] != pair.target.label for image, pair in zip(images, some, strict=True))


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=40), seed=st.integers(0, 50))
def test_dealing_never_gives_the_own_label(labels, seed):
    """No place gets its own label; it is a permutation unless a label has more than half of the places."""
    array = np.array(labels)
    dealt = deal_other_labels(array, np.random.default_rng(seed))
    assert all(place is None or labels[place] != labels[i] for i, place in enumerate(dealt))
    assert (None in dealt) == (len(set(labels)) == 1)
    if max(Counter(labels).values()) * 2 <= len(labels):
        assert sorted(dealt) == list(range(len(labels)))


def test_oracle_needs_the_demo_world(pairs):
    """On a dataset without layouts the oracle says how many pairs lack one, before it yields anything."""
    with pytest.raises(DataError, match="12 of 12 pairs have no layout or style.*leave 'oracle' out"):
        Oracle(_options()).stylize(pairs)


def test_oracle_renders_the_sources_layout_in_the_targets_style(tmp_path):
    """A scene's own layout and style give its own frame; another style gives another picture."""
    world = make(tmp_path / "demo", n_train=0, n_judge=0, n_test=8)
    pairs = make_pairs(world, 4, 0)
    for image, pair in zip(Oracle(_options(resolution=64)).stylize(pairs), pairs, strict=True):
        assert image.shape == (64, 64, 3)
        assert not np.array_equal(image, read_image(pair.source_path))
    own = [type(p)(p.pair_id, p.target, 0, p.target) for p in pairs]
    for image, pair in zip(Oracle(_options(resolution=64)).stylize(own), own, strict=True):
        assert np.array_equal(image, read_image(pair.target.frame_paths[0]))
