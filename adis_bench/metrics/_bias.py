"""How a set metric's value moves with the number of outputs, and where it would go with infinitely many.

The outputs are cut into four parts, once, at random; the parts' states give the value at n/4 (mean of four), merged
in twos at n/2 (mean of two), and all merged at n. Every size so rests on every output: what a single output moves is in
all means alike and cancels, and the drop from size to size is known far better than the values are (in 30
simulations the extrapolated value scatters no more than the value itself).

Source: Chong & Forsyth 2020, CVPR (arXiv 1911.07023), FID_inf: least-squares line of the value over 1/n, read at 0.
There, 15 sizes are drawn independently; the reference is fixed, here as there, and what its own size adds stays in.
More outputs means more pairs of the same kind: outputs are drawn one by one, though they share photographs and recordings.
"""

from typing import Any

import numpy as np

from adis_bench.metrics.protocol import Batch, Bias, Reference, SetMetric, SizedValue

N_PARTS = 4


def value_by_n(metric: SetMetric, batch: Batch, reference: Reference, seed: int, n_linear: int) -> Bias:
    """The metric's value at n/4, n/2 and n outputs, and its extrapolation to infinitely many.

    Args:
        metric: its state must be mergeable, and its value one of the whole set.
        batch: the outputs of one method; rows that aren't finite are left out.
        reference: what the metric compares with.
        seed: which output goes into which part.
        n_linear: sizes from which on the value is taken to be linear in 1/n.
    """
    rows = np.flatnonzero(np.isfinite(batch.outputs).all(axis=1))
    n = len(rows)
    shuffled = np.random.default_rng(seed).permutation(rows)
    states = [metric.update(batch.take(part)) for part in np.array_split(shuffled, N_PARTS)]
    levels: list[list[Any]] = [states]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([metric.merge(first, second) for first, second in zip(last[::2], last[1::2], strict=True)])
    values = [float(np.mean([metric.compute(state, reference) for state in level])) for level in levels]
    points = tuple(SizedValue(n / len(level), value) for level, value in zip(levels, values, strict=True) if np.isfinite(value))
    linear = [point for point in points if point.n >= n_linear]
    if len(linear) < 2:
        return Bias(points, None, f"not extrapolated: {n} outputs, linear in 1/n from {n_linear:,} on, takes {2 * n_linear:,}")
    slope_and_limit = np.polyfit([1 / point.n for point in linear], [point.value for point in linear], 1)
    return Bias(points, float(slope_and_limit[1]))
