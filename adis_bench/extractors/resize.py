"""The resizes of FID's tools, named as Clean-FID names its modes; none of them rounds.

``clean_resize`` has antialiasing; the legacy ones take two pixels an axis however much they shrink, as the tools did.
"""

import numpy as np
import torch
from numpy.typing import NDArray


def clean_resize(images: NDArray[np.uint8], size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Resize a batch as Clean-FID's ``clean`` mode does, to within 1e-4 grey levels.

    Torch's bicubic with ``antialias=True`` has PIL's kernel (a = -0.5, widened by the scale), and the
    planes stay float, so nothing is rounded between the passes. It runs in float64, as PIL's sums do: in
    float32 torch's kernel positions are off by 1e-6 of the width, up to 6e-3 grey levels on noise. Values beyond the range of a pixel
    (the kernel overshoots at edges) are clamped, and an image that already has the size passes unchanged.

    Source: Parmar, Zhang, Zhu, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation", 2022;
    GaParmar/clean-fid 0.1.35, resize.py: ``make_resizer("PIL", False, "bicubic", (size, size))``.

    Args:
        images: uint8 [N, H, W, 3], 0-255.
        size: side of the result in pixels; the aspect ratio is not kept.
        device: where to compute, and where the result lies.

    Returns:
        float32 [N, 3, size, size], 0-255.
    """
    planes = _planes(images, device)
    if planes.shape[2:] == (size, size):
        return planes.float()
    if planes.device.type != "cpu":
        return _resized(planes, size)
    # Image by image a processor's cache holds the float64 planes: 2 to 3 times as fast as the whole batch at once.
    resized = torch.empty((len(planes), 3, size, size))
    for k in range(len(planes)):
        resized[k] = _resized(planes[k : k + 1], size)[0]
    return resized


def _planes(images: NDArray[np.uint8], device: torch.device | str) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2).contiguous()


def _resized(planes: torch.Tensor, size: int) -> torch.Tensor:
    values = torch.nn.functional.interpolate(planes.double(), size=(size, size), mode="bicubic", antialias=True, align_corners=False)
    return values.clamp_(0.0, 255.0).float()


def legacy_pytorch_resize(images: NDArray[np.uint8], size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Resize a batch as Clean-FID's ``legacy_pytorch`` mode does: torch's bilinear with pixel centres at halves.

    Source: GaParmar/clean-fid 0.1.35, resize.py: ``make_resizer("PyTorch", False, "bilinear", (size, size))``.

    Args:
        images: uint8 [N, H, W, 3], 0-255.
        size: side of the result in pixels.
        device: where to compute, and where the result lies.

    Returns:
        float32 [N, 3, size, size], 0-255.
    """
    planes = _planes(images, device).float()
    return torch.nn.functional.interpolate(planes, size=(size, size), mode="bilinear", align_corners=False)


def legacy_tensorflow_resize(images: NDArray[np.uint8], size: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Resize a batch as Clean-FID's ``legacy_tensorflow`` mode does, inside its network file: TensorFlow 1's bilinear.

    Pixel i of the result is looked up at ``i * side / size`` of the image, so that the picture is shifted towards the
    upper left, and what lies beyond the last pixel repeats it.

    Source: ``tf.image.resize_bilinear`` of TensorFlow 1, as NVIDIA's inception-2015-12-05.pt writes it for torch: a grid
    of positions over -1 to 1, shifted by half a pixel of the image less half a pixel of the result.

    Args:
        images: uint8 [N, H, W, 3], 0-255.
        size: side of the result in pixels.
        device: where to compute, and where the result lies.

    Returns:
        float32 [N, 3, size, size], 0-255.
    """
    planes = _planes(images, device).float()
    n_images, _, height, width = planes.shape
    shifted = torch.tensor([[[1.0, 0.0, 1.0 / width - 1.0 / size], [0.0, 1.0, 1.0 / height - 1.0 / size]]], device=planes.device)
    grid = torch.nn.functional.affine_grid(shifted, [1, 3, size, size], align_corners=False)
    grid = grid.expand(n_images, size, size, 2)
    return torch.nn.functional.grid_sample(planes, grid, mode="bilinear", padding_mode="border", align_corners=False)
