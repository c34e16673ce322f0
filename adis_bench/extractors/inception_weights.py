"""The weights of FID's Inception V3 out of its released files, whose code is never run."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import torch

from adis_bench.errors import WeightsError
from adis_bench.extractors.inception_kernels import KernelSpec, kernel_specs
from adis_bench.extractors.inception_network import Convolution
from adis_bench.extractors.weight_archive import read_tensors

_EPSILON = 1e-3
"""Of every batch norm. Source: mseitzer/pytorch-fid 0.3 by way of torchvision's ``BasicConv2d``; the same in NVIDIA's program."""
_CLASSES = 1008
"""Of Google's classifier; ImageNet networks of the same shapes have 1000. Source: mseitzer/pytorch-fid 0.3, ``fid_inception_v3``."""
_CLASSIFIERS = ("output.weight", "fc.weight")
_ROLES = {
    "beta": "shift",
    "bias": "shift",
    "mean": "mean",
    "running_mean": "mean",
    "var": "variance",
    "running_var": "variance",
    "gamma": "scale",
    "scale": "scale",
}
"""What a convolution's vectors are called: in NVIDIA's file, and in those of torch modules. A vector ``weight`` is a scale, too."""


def read_convolutions(path: Path) -> dict[str, Convolution]:
    """The network's convolutions by ``KernelSpec.script_name``, batch norms folded in.

    Args:
        path: NVIDIA's TorchScript archive (inception-2015-12-05.pt), or a state dict of pytorch-fid's or
            torch-fidelity's (...inception-2015-12-05-6726825d.pth).

    Raises:
        WeightsError: no such file, or another network's.
    """
    tensors = read_tensors(path)
    groups = _groups(tensors)
    specs = kernel_specs()
    by_script = sum(spec.script_name in groups for spec in specs) >= sum(spec.torch_name in groups for spec in specs)
    names = {spec: spec.script_name if by_script else spec.torch_name for spec in specs}
    faults = [fault for spec in specs for fault in _faults(spec, groups.get(names[spec], {}), names[spec])]
    known = set(names.values())
    faults += [f"{name} unknown" for name, group in groups.items() if "kernel" in group and name not in known]
    faults += [
        f"{name} has {len(tensors[name])} classes, not {_CLASSES}"
        for name in _CLASSIFIERS
        if name in tensors and len(tensors[name]) != _CLASSES
    ]
    if faults:
        raise WeightsError(
            f"{path} is not FID's Inception V3: {len(faults)} differences from its {len(specs)} convolutions, first "
            f"{'; '.join(faults[:3])}; give the file that `adis-bench weights list` names"
        )
    return {spec.script_name: _folded(groups[names[spec]]) for spec in specs}


def _groups(tensors: Mapping[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    """Tensors by convolution and role; ``X.conv.weight`` and ``X.bn.bias`` are of X, as is ``X.weight``."""
    names = {name for spec in kernel_specs() for name in (spec.script_name, spec.torch_name)}
    groups: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        owner, _, last = key.rpartition(".")
        owner = owner.replace(".", "_").removeprefix("layers_")
        if owner not in names:
            inner = owner.removesuffix("_conv").removesuffix("_bn")
            owner = inner if inner in names else owner
        role = "kernel" if tensor.ndim == 4 else "scale" if last == "weight" else _ROLES.get(last)
        if role is not None:
            groups.setdefault(owner, {})[role] = tensor
    return groups


def _faults(spec: KernelSpec, group: Mapping[str, torch.Tensor], name: str) -> Iterator[str]:
    if not group:
        yield f"{name} missing"
        return
    wanted = {"kernel": spec.shape, **{role: spec.shape[:1] for role in ("shift", "mean", "variance")}}
    if "scale" in group:
        wanted["scale"] = spec.shape[:1]
    for role, shape in wanted.items():
        tensor = group.get(role)
        if tensor is None or tuple(tensor.shape) != shape:
            yield f"{role} of {name}: {'none' if tensor is None else list(tensor.shape)} for {list(shape)}"
        elif not tensor.is_floating_point() or not bool(tensor.isfinite().all()):
            yield f"{role} of {name} is not of finite numbers"
        elif role == "variance" and bool((tensor < 0).any()):
            yield f"variance of {name} is negative"


def _folded(group: Mapping[str, torch.Tensor]) -> Convolution:
    """``(conv(x) - mean) / sqrt(variance + epsilon) * scale + shift`` as one convolution; in float64, given as float32."""
    kernel, shift, mean, variance = (group[role].double() for role in ("kernel", "shift", "mean", "variance"))
    factor = (variance + _EPSILON).rsqrt()
    if "scale" in group:
        factor = factor * group["scale"].double()
    return Convolution((kernel * factor[:, None, None, None]).float(), (shift - mean * factor).float())
