"""Colour statistics of images, and the linear map from one image's statistics to others."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FLOOR = 4.0
"""Variance that every image is given on top of its own, in squared 8-bit steps. Ours: a flat image must not be divided by nothing."""
_UPPER = np.triu_indices(3)


def statistics(image: NDArray[np.uint8]) -> Floats:
    """Mean colour and logarithm of the colours' covariance: float64 [9] of uint8 [H, W, 3].

    The logarithm has a meaning for any symmetric matrix, so whatever a regression predicts is a covariance again.
    """
    pixels = image.reshape(-1, 3).astype(np.float64)
    covariance = np.cov(pixels, rowvar=False, bias=True) + _FLOOR * np.eye(3)
    return np.concatenate([pixels.mean(axis=0), _of_eigenvalues(covariance, np.log)[_UPPER]])


def transferred(image: NDArray[np.uint8], wanted: Floats, diagonal: bool = False) -> NDArray[np.uint8]:
    """The image moved to the ``wanted`` statistics [9] by one linear map of its colours.

    Args:
        image: uint8 [H, W, 3].
        wanted: float64 [9], as ``statistics`` gives them.
        diagonal: move each channel by itself (mean and deviation), as Reinhard et al. (2001) do. Otherwise the map is the
            Monge-Kantorovitch one: of all that give the wanted covariance, the one that moves colours least (Pitié and Kokaram, 2007).
    """
    own_mean, own = _unpacked(statistics(image))
    mean, covariance = _unpacked(wanted)
    if diagonal:
        matrix = np.diag(np.sqrt(np.diag(covariance) / np.diag(own)))
    else:
        root = _of_eigenvalues(own, np.sqrt)
        inverse = _of_eigenvalues(own, lambda values: 1 / np.sqrt(values))
        matrix = inverse @ _of_eigenvalues(root @ covariance @ root, np.sqrt) @ inverse
    moved = (image.astype(np.float64) - own_mean) @ matrix + mean
    image_moved: NDArray[np.uint8] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return image_moved


def _unpacked(values: Floats) -> tuple[Floats, Floats]:
    logarithm = np.zeros((3, 3))
    logarithm[_UPPER] = values[3:]
    logarithm = logarithm + np.triu(logarithm, 1).T
    return values[:3], _of_eigenvalues(logarithm, np.exp)


def _of_eigenvalues(matrix: Floats, function: Callable[[Floats], Floats]) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    result: Floats = (vectors * function(values)) @ vectors.T
    return result
