"""Where a training runs: device, precision and processes, by Lightning Fabric."""

import atexit
import inspect
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar

import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning_fabric.plugins.precision.amp import MixedPrecision
from lightning_fabric.plugins.precision.double import DoublePrecision
from lightning_fabric.plugins.precision.precision import Precision
from lightning_fabric.strategies.ddp import DDPStrategy
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from adis_bench.errors import ConfigError

TrainingPrecision = Literal["float32", "bf16", "float64"]
Made = TypeVar("Made")
PATIENCE = timedelta(hours=12)
"""What the first process prepares alone may be the import of a large dataset."""


_BY_TORCHRUN = ("RANK", "LOCAL_RANK", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun says to each of its processes, beside their number."""


class _Bf16Autocast(MixedPrecision):
    """Autocast alone: Fabric would also round what goes into the networks, and a sound of eight bits is another one."""

    def convert_input(self, data: Any) -> Any:
        return data


def n_processes() -> int:
    """Processes that torchrun has started for this training; 1 without it.

    Raises:
        ConfigError: several, by a launcher that doesn't say which one this is.
    """
    n = int(os.environ.get("WORLD_SIZE", "1"))
    lacking = [name for name in _BY_TORCHRUN if name not in os.environ]
    if n > 1 and lacking:
        raise ConfigError(f"WORLD_SIZE is {n}, but {', '.join(lacking)} is not set: start them with torchrun, or unset WORLD_SIZE")
    return n


def first_alone(prepare: Callable[[], Made]) -> Made:
    """What ``prepare`` gives in each process, called by the first one alone, then by one on each machine, then by all.

    So what it writes (the demo world, a cache) is there when the others look for it.
    """
    if n_processes() == 1:
        return prepare()
    store, _, _ = next(rendezvous("env://"))
    rank, local, machine = (int(os.environ[name]) for name in ("RANK", "LOCAL_RANK", "GROUP_RANK"))
    if rank > 0:
        store.wait(["adis-bench/first" if local == 0 else f"adis-bench/machine/{machine}"], PATIENCE)
    made = prepare()
    if rank == 0:
        store.set("adis-bench/first", "ready")
    if local == 0:
        store.set(f"adis-bench/machine/{machine}", "ready")
    return made


def launched(device: str, precision: TrainingPrecision) -> Fabric:
    """A launched Fabric: one process on ``device``, or one of torchrun's, each on a device of its own.

    Raises:
        ConfigError: more processes on this machine than GPUs.
    """
    kind, _, index = device.partition(":")
    if n_processes() == 1:
        # Without the plug-in, a job of SLURM's with several tasks would be taken for a training of several processes.
        plugins: list[Any] = [LightningEnvironment(), _precision(precision, kind)]
        fabric = Fabric(accelerator=kind, devices=[int(index)] if index else 1, plugins=plugins)
    else:
        local = int(os.environ["LOCAL_WORLD_SIZE"])
        if kind == "cuda" and local > torch.cuda.device_count():
            found = torch.cuda.device_count()
            raise ConfigError(f"torchrun started {local} processes here, but there are {found} GPUs; lower --nproc-per-node")
        # Buffers are fixed, or shared by the batch norm and the history of images themselves; torch gave the option another name.
        known = inspect.signature(DistributedDataParallel).parameters
        unshared: dict[str, Any] = {"forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False}
        strategy = DDPStrategy(**unshared)
        plugins = [TorchElasticEnvironment(), _precision(precision, kind)]
        fabric = Fabric(accelerator=kind, devices=local, num_nodes=n_processes() // local, strategy=strategy, plugins=plugins)
    fabric.launch()
    if n_processes() > 1:
        atexit.unregister(_leave)  # once, however many trainings a process has
        atexit.register(_leave)
    return fabric


def _leave() -> None:
    """Leave the process group: gloo's threads, still running when Python ends, abort the process (Fabric leaves NCCL's only)."""
    if dist.is_initialized():
        dist.destroy_process_group()


def _precision(precision: TrainingPrecision, kind: str) -> Precision:
    if precision == "bf16":
        return _Bf16Autocast("bf16-mixed", kind)
    return DoublePrecision() if precision == "float64" else Precision()
