"""Made-up weights under the names and shapes of SeLaVi's published files."""

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

State = dict[str, Tensor]


def resnet9() -> ResNet:
    """SeLaVi's sound network as its model.py makes it: torchvision's ResNet, one block a layer, one channel, no classes."""
    net = ResNet(BasicBlock, [1, 1, 1, 1])
    net.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    net.fc = nn.Identity()
    return net


def shake(state: State) -> State:
    """Running statistics as batches would have left them; random numbers of torch's global generator."""
    for name, value in state.items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.1)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("num_batches_tracked"):
            value.fill_(1000)
    return state


def head(n_clusters: int) -> nn.Module:
    """One of SeLaVi's heads: places in the sequence count the layers without weights, too."""
    blank = nn.Identity()
    norm = nn.BatchNorm1d(512)
    layers = (blank, blank, nn.Linear(512, 512, bias=False), blank, norm, blank, blank, blank, nn.Linear(512, n_clusters))
    made = nn.Module()
    made.block_forward = nn.Sequential(*layers)
    return made


def selavi(n_clusters: int = 28, seed: int = 0) -> State:
    """What lies under ``model``, its image side shortened to a few entries."""
    torch.manual_seed(seed)
    network = nn.Module()
    network.audio_network = nn.Module()
    network.audio_network.base = resnet9()
    for i in range(10):
        network.add_module(f"mlp_v{i}", head(n_clusters))
        network.add_module(f"mlp_a{i}", head(n_clusters))
    video = {"video_network.base.stem.0.weight": torch.randn(45, 3, 1, 7, 7), "video_network.base.stem.1.bias": torch.randn(45)}
    return {**video, **shake(network.state_dict())}


def checkpoint(state: State, **more: object) -> dict[str, object]:
    """The dictionary that SeLaVi's main.py writes, from a distributed training."""
    optimiser = {"state": {0: {"momentum_buffer": torch.zeros(2)}}, "param_groups": [{"lr": 0.01, "momentum": 0.9, "params": [0]}]}
    model = {f"module.{name}": value for name, value in state.items()}
    return {"epoch": 150, "model": model, "optimizer": optimiser, "selflabels": torch.zeros(7, 10, dtype=torch.long), **more}
