"""Batch statistics over several processes."""

from pathlib import Path
from types import SimpleNamespace

import torch
import torch.distributed as dist
import torch.multiprocessing
from torch import Tensor, nn

from reference_model.batch_norm import SharedBatchNorm2d, share_batch_statistics

N_PROCESSES = 2
ON_CPU = SimpleNamespace(world_size=N_PROCESSES, device=torch.device("cpu"))


def net() -> nn.Sequential:
    """Two batch norms, one of them deeper down."""
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, momentum=0.3))
    return nn.Sequential(nn.BatchNorm2d(3), inner).double()


def images() -> Tensor:
    """float64 [4, 3, 5, 5], items of very different means, so that halves and whole have other statistics."""
    torch.manual_seed(1)
    return torch.randn(4, 3, 5, 5, dtype=torch.float64) + torch.arange(4.0)[:, None, None, None]


def loss_of(outputs: Tensor) -> Tensor:
    """Neither linear nor even, so that the gradient through the statistics doesn't vanish."""
    return (outputs**3).mean() + outputs[:, :, 0].exp().mean()


def in_one_of(rank: int, folder: str) -> None:
    """Two steps on this process's half; what it ended with goes to a file."""
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=N_PROCESSES)
    shared = share_batch_statistics(net(), ON_CPU)
    half = images()[rank::N_PROCESSES].requires_grad_()
    for _ in range(2):
        outputs = shared(half)
    loss_of(outputs).backward()
    gradients = [p.grad for p in shared.parameters()]
    for gradient in gradients:
        dist.all_reduce(gradient)
    low = share_batch_statistics(net().float(), ON_CPU)[0](half.detach().bfloat16())
    found = {"outputs": outputs.detach(), "input": half.grad, "gradients": gradients, "low": low, "state": shared.state_dict()}
    torch.save(found, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


def test_two_halves_are_normalised_as_the_whole(tmp_path: Path) -> None:
    """Outputs, gradients and running statistics of two processes equal those of nn.BatchNorm2d on the whole batch."""
    torch.multiprocessing.spawn(in_one_of, (str(tmp_path),), nprocs=N_PROCESSES)
    found = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(N_PROCESSES)]
    plain, whole = net(), images().requires_grad_()
    for _ in range(2):
        outputs = plain(whole)
    loss_of(outputs).backward()
    for rank, mine in enumerate(found):
        share = slice(rank, None, N_PROCESSES)
        torch.testing.assert_close(mine["outputs"], outputs.detach()[share], rtol=0, atol=1e-12)
        # Each process's loss is the mean over its half: the whole's is half of both.
        torch.testing.assert_close(mine["input"] / N_PROCESSES, whole.grad[share], rtol=0, atol=1e-12)
        for gradient, parameter in zip(mine["gradients"], plain.parameters(), strict=True):
            torch.testing.assert_close(gradient / N_PROCESSES, parameter.grad, rtol=0, atol=1e-12)
        torch.testing.assert_close(mine["state"], dict(plain.state_dict()), rtol=0, atol=1e-12)
        low = nn.BatchNorm2d(3)(whole.detach().float())[share]
        torch.testing.assert_close(mine["low"], low.bfloat16(), rtol=0, atol=0.03)


def test_names_and_parameters_stay() -> None:
    """Every batch norm is replaced in place: same entries in the state dict, the same parameters in the optimiser; eval mode is torch's."""
    plain, module = net(), net()
    parameters = list(module.parameters())
    shared = share_batch_statistics(module, ON_CPU)
    assert [type(m) for m in shared.modules() if isinstance(m, nn.BatchNorm2d)] == [SharedBatchNorm2d] * 2
    assert shared[1][1].momentum == 0.3
    assert list(shared.state_dict()) == list(plain.state_dict())
    assert all(a is b for a, b in zip(shared.parameters(), parameters, strict=True))
    assert torch.equal(shared.eval()(images()), plain.eval()(images()))


def test_one_process_keeps_torchs_own() -> None:
    """Without other processes nothing is replaced; on GPUs torch's SyncBatchNorm stands in."""
    alone = SimpleNamespace(world_size=1, device=torch.device("cpu"))
    assert type(share_batch_statistics(net(), alone)[0]) is nn.BatchNorm2d
    on_gpus = SimpleNamespace(world_size=2, device=torch.device("cuda"))
    assert type(share_batch_statistics(net(), on_gpus)[0]) is nn.SyncBatchNorm
