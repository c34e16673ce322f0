"""Labels by optimal transport."""

import numpy as np
import pytest
import torch

from reference_model.pretraining.sinkhorn import gaussian_sizes, self_labels, transport_plan


def scores(*shape: int, scale: float = 3.0) -> torch.Tensor:
    """Seeded, float64."""
    return scale * torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_marginals_are_met() -> None:
    """Rows sum to 1 / N and columns to the sizes, to a millionth of them."""
    sizes = torch.rand(4, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) + 0.2
    sizes /= sizes.sum(dim=1, keepdim=True)
    plan = transport_plan(scores(4, 60, 7), sizes)
    assert (plan.sum(dim=2) * 60 - 1).abs().max() < 1e-6
    assert (plan.sum(dim=1) / sizes - 1).abs().max() < 1e-6


def test_it_equals_plain_iterative_proportional_fitting() -> None:
    """Rows and columns of the matrix itself scaled in turn, with no logarithms and no vectors, give the same plan."""
    given, sizes = scores(12, 5), np.array([0.1, 0.3, 0.2, 0.15, 0.25])
    expected = np.exp(given.numpy())
    for _ in range(5000):
        expected *= sizes / expected.sum(axis=0)
        expected /= 12 * expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(transport_plan(given, torch.from_numpy(sizes), 1e-12), expected, rtol=1e-9)


def test_two_by_two_by_hand() -> None:
    """With scores log [[4, 1], [1, 1]] and equal halves the plan is [[1/3, 1/6], [1/6, 1/3]]: it keeps the odds ratio 4."""
    plan = transport_plan(torch.tensor([[4.0, 1.0], [1.0, 1.0]]).log(), torch.tensor([0.5, 0.5]), 1e-12)
    torch.testing.assert_close(plan, torch.tensor([[1 / 3, 1 / 6], [1 / 6, 1 / 3]], dtype=torch.float64))


def test_scores_beyond_float64_do_not_break_it() -> None:
    """A cluster that nobody wants at all still gets its share, and nothing is divided by zero."""
    given = torch.tensor([[0.0, -5000.0]]).repeat(8, 1)
    plan = transport_plan(given, torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(plan.sum(dim=0), torch.tensor([0.5, 0.5], dtype=torch.float64))


def test_labels_follow_what_both_sides_say_in_equal_shares() -> None:
    """Where sounds and images agree, those are the labels; where everything favours one cluster, the sizes stay equal."""
    truth = torch.arange(30) % 3
    clear = torch.nn.functional.one_hot(truth, 3).double().mul(4).log_softmax(dim=1)[None]
    none = torch.zeros(1, 30, 3).log_softmax(dim=2)
    for sounds, images in ((clear, none), (none, clear), (clear, clear)):
        assert torch.equal(self_labels(sounds, images, "equal", torch.Generator()), truth[:, None])
    greedy = (scores(2, 30, 3, scale=0.5) + torch.tensor([3.0, 0.0, 0.0])).log_softmax(dim=2)
    for head in self_labels(greedy, greedy, "equal", torch.Generator()).T:
        assert torch.bincount(head, minlength=3).tolist() == pytest.approx([10, 10, 10], abs=1)


def test_gaussian_sizes_go_by_what_is_wanted() -> None:
    """They sum to 1, scatter by about a tenth, and the cluster that is wanted most gets the largest."""
    wanted = torch.tensor([[3.0, 9.0, 1.0, 5.0]]).repeat(500, 1)
    sizes = gaussian_sizes(wanted, 1000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(sizes.sum(dim=1), torch.ones(500, dtype=torch.float64))
    assert torch.equal(sizes.argsort(dim=1), wanted.argsort(dim=1))
    assert float((sizes * 4).std()) == pytest.approx(0.1, rel=0.15)  # less than 0.1 by sqrt(3 / 4), for they sum to 1
    assert (gaussian_sizes(torch.rand(3, 50), 50, torch.Generator().manual_seed(0)) * 50 >= 1 / 1.3).all()
