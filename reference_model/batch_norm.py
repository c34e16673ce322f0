"""Batch statistics over all processes of a training, on GPUs and on CPUs."""

from typing import Any, cast

import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from torch import Tensor, nn

from reference_model.networks import at_least_float32


class _SumOverProcesses(torch.autograd.Function):
    """Sum of a tensor over the processes; each one's gradient is the sum of all processes' gradients."""

    @staticmethod
    def forward(context: Any, value: Tensor) -> Tensor:
        total = value.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm whose statistics are those of all processes' maps; torch's SyncBatchNorm refuses CPUs.

    All processes hold equally many maps, as ``data.Batches`` sees to.
    """

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] normalised; in eval mode as nn.BatchNorm2d."""
        self._check_input_dim(x)
        if not self.training:
            return super().forward(x)
        maps = at_least_float32(x)
        n = maps.numel() // maps.shape[1] * dist.get_world_size()
        mean = _over_processes(maps.sum(dim=(0, 2, 3))) / n
        centred = maps - mean[:, None, None]
        # Two sums, the second one centred: the difference of large squares would lose the variance.
        variance = _over_processes(centred.square().sum(dim=(0, 2, 3))) / n
        self._keep(mean.detach(), variance.detach() * n / max(n - 1, 1))
        normal = centred * torch.rsqrt(variance + self.eps)[:, None, None]
        if self.affine:
            normal = normal * self.weight[:, None, None] + self.bias[:, None, None]
        return normal.to(x.dtype)

    @torch.no_grad()
    def _keep(self, mean: Tensor, variance: Tensor) -> None:
        """Into the running statistics, as nn.BatchNorm2d does."""
        if not self.track_running_stats or self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


def _over_processes(value: Tensor) -> Tensor:
    total: Tensor = _SumOverProcesses.apply(value)
    return total


def share_batch_statistics(module: nn.Module, fabric: Fabric) -> nn.Module:
    """Let the batch norms inside a module see the whole batch, in place; to be called before it is wrapped.

    Names in the state dict stay, and parameters stay the same objects. One process needs no change.
    """
    if fabric.world_size == 1:
        return module
    if fabric.device.type == "cuda":
        return cast(nn.Module, nn.SyncBatchNorm.convert_sync_batchnorm(module))  # type: ignore[no-untyped-call]
    return _replaced(module)


def _replaced(module: nn.Module) -> nn.Module:
    if type(module) is nn.BatchNorm2d:
        shared = SharedBatchNorm2d(module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats)
        shared.weight, shared.bias = module.weight, module.bias
        for name, buffer in module.named_buffers():
            setattr(shared, name, buffer)
        return shared.train(module.training)
    for name, child in module.named_children():
        module.add_module(name, _replaced(child))
    return module
