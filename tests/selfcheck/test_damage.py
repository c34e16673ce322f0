"""Damaged images."""

import numpy as np

from adis_bench.selfcheck.damage import DAMAGES

IMAGE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8).repeat(2, 0).repeat(2, 1)


def test_every_damage_changes_the_image_and_the_strong_form_more():
    """uint8 of the same shape, not the same image; the second strength of a kind is farther away; labels are folder names."""
    distances: dict[str, list[float]] = {}
    for damage in DAMAGES:
        made = damage.apply(IMAGE, np.random.default_rng(0))
        assert (made.dtype, made.shape) == (np.uint8, IMAGE.shape)
        distances.setdefault(damage.kind, []).append(np.abs(made.astype(float) - IMAGE).mean())
        assert set(damage.label("target")) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    assert all(0 < slight < strong for slight, strong in distances.values())
    assert len({damage.label("target") for damage in DAMAGES}) == len(DAMAGES)


def test_noise_is_the_generators():
    """The same seed damages alike, another one differently."""
    noise = next(damage for damage in DAMAGES if damage.kind == "noise")
    first, again, other = (noise.apply(IMAGE, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
