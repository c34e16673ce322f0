"""Losses of the reference model."""

import math

import pytest
import torch

from reference_model.losses import draw_patches, least_squares, patch_nce


def test_least_squares_is_the_mean_squared_distance() -> None:
    """((1 - 1)^2 + (3 - 1)^2) / 2 = 2."""
    assert least_squares(torch.tensor([1.0, 3.0]), 1.0).item() == 2.0


def test_patch_nce_by_hand() -> None:
    """Two orthogonal patches at temperature 0.5: logits (2, 0), so -log(e^2 / (e^2 + 1)) per patch."""
    keys = torch.eye(2)[None]
    expected = -math.log(math.exp(2) / (math.exp(2) + 1))
    assert patch_nce([keys], [keys], 0.5).item() == pytest.approx(expected, rel=1e-6)


def test_patch_nce_takes_negatives_from_the_same_image_only() -> None:
    """A second image in the batch does not change the first one's loss."""
    q, k = torch.randn(2, 6, 4), torch.randn(2, 6, 4)
    alone = [patch_nce([q[i : i + 1]], [k[i : i + 1]], 0.07) for i in range(2)]
    torch.testing.assert_close(patch_nce([q], [k], 0.07), (alone[0] + alone[1]) / 2)


def test_patch_nce_detaches_the_keys() -> None:
    """Structure is learned by the generated image, never by moving the source's features."""
    q, k = torch.randn(1, 3, 4, requires_grad=True), torch.randn(1, 3, 4, requires_grad=True)
    patch_nce([q], [k], 0.07).backward()
    assert q.grad is not None
    assert k.grad is None


def test_patch_nce_keeps_its_precision_under_autocast() -> None:
    """Cosines of 0.999 and 1 are told apart at temperature 0.07, also where bfloat16 is the rule."""
    q, k = torch.nn.functional.normalize(torch.randn(2, 4, 32, 8), dim=-1)
    exact = patch_nce([q], [k], 0.07)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(patch_nce([q], [k], 0.07), exact)


def test_drawn_patches_are_distinct_and_seeded() -> None:
    """The same seed draws the same locations, none twice, all of a small map."""
    maps = [torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 2, 2)]
    first = draw_patches(maps, 16, torch.Generator().manual_seed(1))
    again = draw_patches(maps, 16, torch.Generator().manual_seed(1))
    assert [len(set(ids.tolist())) for ids in first] == [16, 4]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
