"""A history of generated images, from which a discriminator is shown old ones beside the newest."""

import torch
import torch.distributed as dist
from torch import Tensor, nn


class ImagePool(nn.Module):
    """Keeps the last images that a generator made, each with its label, and gives half of the new ones in exchange for old ones.

    Until it is full, every image is kept and given back. Then each new image is, with probability 1/2, exchanged for a random
    one that is kept. The images are buffers: a checkpoint holds them, and a training that goes on judges the same ones. Over
    several processes there is one history, of the whole batch; parts of a step come one after the other.

    Source: Shrivastava et al. 2017 (arXiv 1612.07828); taesungp/contrastive-unpaired-translation b3ac297, util/image_pool.py.
    """

    images: Tensor
    labels: Tensor
    n_kept: Tensor

    def __init__(self, size: int, resolution: int) -> None:
        """``size``: how many images are kept; 0 keeps none, and gives back what comes."""
        super().__init__()
        # Not filled before it is needed: a model that is opened to be used has none.
        self.register_buffer("images", torch.empty(size, 3, resolution, resolution))
        self.register_buffer("labels", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("n_kept", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def exchange(self, images: Tensor, labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """As many images as came, some of them older, with their own labels.

        Args:
            images: this process's new images [B, 3, R, R].
            labels: int64 [B].
            seed: decides what is exchanged; the same in all processes.
        """
        if not len(self.images):
            return images, labels
        given, their_labels = _of_all_processes(images), _of_all_processes(labels)
        chance = torch.rand(2, len(given), generator=torch.Generator().manual_seed(seed)).tolist()
        n_kept = int(self.n_kept)
        if not n_kept:
            self.images.zero_()
        for i, (swaps, place) in enumerate(zip(*chance, strict=True)):
            if n_kept < len(self.images):
                self.images[n_kept], self.labels[n_kept] = given[i], their_labels[i]
                n_kept += 1
            elif swaps > 0.5:
                at = int(place * len(self.images))
                old, old_label = self.images[at].clone(), self.labels[at].clone()
                self.images[at], self.labels[at] = given[i], their_labels[i]
                given[i], their_labels[i] = old, old_label
        self.n_kept.fill_(n_kept)
        return _own_share(given).to(images.dtype), _own_share(their_labels)


def _of_all_processes(mine: Tensor) -> Tensor:
    """The whole batch in its own order, a copy; processes hold every n-th item of it (``data.Batches``)."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return mine.clone()
    parts = [torch.empty_like(mine, memory_format=torch.contiguous_format) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, mine.contiguous())
    return torch.stack(parts, dim=1).flatten(0, 1)


def _own_share(whole: Tensor) -> Tensor:
    if not dist.is_initialized():
        return whole
    return whole[dist.get_rank() :: dist.get_world_size()]
