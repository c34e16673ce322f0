"""The straightforward reading of protocol.md B: what one writes from the description with torch's own modules.

Sources and targets go through the generator in separate passes, and the contrastive terms encode sources, targets and
outputs anew. Modules carry the release's names, so that ours can be given the same weights.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reference_model.audio import DiscriminatorPicture, audio_encoder
from reference_model.losses import draw_patches, least_squares
from reference_model.objective import TrainBatch
from reference_model.settings import Settings

TAPPED = (0, 4, 8, 12, 16)


def _kernel(taps: list[float], channels: int) -> Tensor:
    row = torch.tensor(taps)
    return (torch.outer(row, row) / row.sum() ** 2).expand(channels, 1, -1, -1).clone()


class Downsample(nn.Module):
    """Blur and keep every second value."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("filt", _kernel([1.0, 2.0, 1.0], channels))
        self.pad = nn.ReflectionPad2d(1)

    def forward(self, x: Tensor) -> Tensor:
        """Half the size."""
        return F.conv2d(self.pad(x), self.filt.to(x.dtype), stride=2, groups=x.shape[1])


class Upsample(nn.Module):
    """Transposed blur."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("filt", 4 * _kernel([1.0, 3.0, 3.0, 1.0], channels))
        self.pad = nn.ReplicationPad2d(1)

    def forward(self, x: Tensor) -> Tensor:
        """Twice the size."""
        return F.conv_transpose2d(self.pad(x), self.filt.to(x.dtype), stride=2, padding=2, groups=x.shape[1])[:, :, 1:-1, 1:-1]


class Block(nn.Module):
    """Residual block."""

    def __init__(self, c: int) -> None:
        super().__init__()
        first = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c), nn.ReLU(inplace=True)]
        self.conv_block = nn.Sequential(*first, nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c))

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return x + self.conv_block(x)


def _conv(n_in: int, n_out: int) -> list[nn.Module]:
    return [nn.Conv2d(n_in, n_out, 3, padding=1), nn.InstanceNorm2d(n_out), nn.ReLU(inplace=True)]


class Generator(nn.Module):
    """The released generator at its size."""

    def __init__(self) -> None:
        super().__init__()
        stem = [nn.ReflectionPad2d(3), nn.Conv2d(3, 64, 7), nn.InstanceNorm2d(64), nn.ReLU(inplace=True)]
        down = [*_conv(64, 128), Downsample(128), *_conv(128, 256), Downsample(256)]
        self.model_down = nn.Sequential(*stem, *down, *(Block(256) for _ in range(9)))
        up = [Upsample(512), *_conv(512, 256), Upsample(256), *_conv(256, 128)]
        self.model_up = nn.Sequential(*up, nn.ReflectionPad2d(3), nn.Conv2d(128, 3, 7), nn.Tanh())

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """The restyled images."""
        y = self.model_down(x)
        return self.model_up(torch.cat([y, embedding[:, :, None, None].expand(-1, -1, *y.shape[2:])], dim=1))

    def features(self, x: Tensor) -> list[Tensor]:
        """The five tapped maps."""
        found = []
        for index, module in enumerate(self.model_down[: TAPPED[-1] + 1]):
            x = module(x)
            if index in TAPPED:
                found.append(x)
        return found


class Discriminator(nn.Module):
    """The released discriminator at its size."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(6, 64, 4, padding=1), nn.LeakyReLU(0.2, inplace=True), Downsample(64)]
        for n_in, n_out in ((64, 128), (128, 256), (256, 512)):
            layers += [nn.Conv2d(n_in, n_out, 4, padding=1), nn.InstanceNorm2d(n_out), nn.LeakyReLU(0.2, inplace=True)]
            layers += [Downsample(n_out)] if n_out < 512 else []
        self.model = nn.Sequential(*layers, nn.Conv2d(512, 1, 4, padding=1))

    def forward(self, picture: Tensor, image: Tensor) -> Tensor:
        """Patch scores."""
        return self.model(torch.cat([picture, image], dim=1))


class Sampler(nn.Module):
    """The released patch MLPs."""

    def __init__(self) -> None:
        super().__init__()
        for index, channels in enumerate((3, 128, 256, 256, 256)):
            setattr(self, f"mlp_{index}", nn.Sequential(nn.Linear(channels, 256), nn.ReLU(), nn.Linear(256, 256)))

    def forward(self, features: list[Tensor], ids: list[Tensor]) -> list[Tensor]:
        """Unit vectors [B, 256, 256] per map."""
        picked = (f.permute(0, 2, 3, 1).flatten(1, 2)[:, i] for f, i in zip(features, ids, strict=True))
        return [F.normalize(getattr(self, f"mlp_{index}")(p), dim=-1) for index, p in enumerate(picked)]


def patch_nce(queries: list[Tensor], keys: list[Tensor]) -> Tensor:
    """Mean over the maps; a patch's own key first, the others after it."""
    total = torch.zeros(())
    for q, k in zip(queries, keys, strict=True):
        own = (q * k.detach()).sum(dim=-1, keepdim=True)
        others = (q @ k.detach().transpose(1, 2)).masked_fill(torch.eye(q.shape[1], dtype=torch.bool), -10.0)
        logits = torch.cat([own, others], dim=2).flatten(0, 1) / 0.07
        total = total + F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
    return total / len(queries)


class Step:
    """Networks, optimisers and one training step."""

    def __init__(self, resolution: int) -> None:
        self.networks = {"G": Generator(), "D": Discriminator(), "F": Sampler(), "Audio": audio_encoder(Settings().network)}
        self.picture = DiscriminatorPicture(resolution)
        moved = [p for name in ("G", "F", "Audio") for p in self.networks[name].parameters()]
        self.move_g = torch.optim.Adam(moved, 2e-4, (0.5, 0.999))
        self.move_d = torch.optim.Adam(self.networks["D"].parameters(), 2e-4, (0.5, 0.999))

    def __call__(self, batch: TrainBatch) -> dict[str, float]:
        """One update of D, then one of the others."""
        g, d = self.networks["G"], self.networks["D"]
        embedding, picture = self.networks["Audio"](batch.condition), self.picture(batch.condition)
        fake, same = g(batch.source, embedding), g(batch.target, embedding)
        d_fake = least_squares(d(picture, fake.detach()), 0.0)
        d_real = least_squares(d(picture, batch.target), 1.0)
        self.move_d.zero_grad()
        (0.5 * (d_fake + d_real)).backward()
        self.move_d.step()
        for parameter in d.parameters():
            parameter.requires_grad_(False)
        adversarial = least_squares(d(picture, fake), 1.0)
        generator = torch.Generator().manual_seed(batch.patch_seed)
        structure, identity = (self._nce(images, made, generator) for images, made in ((batch.source, fake), (batch.target, same)))
        self.move_g.zero_grad()
        (adversarial + 0.5 * (structure + identity)).backward()
        self.move_g.step()
        for parameter in d.parameters():
            parameter.requires_grad_(True)
        told = {"D_real": d_real, "D_fake": d_fake, "G_GAN": adversarial, "NCE": structure, "NCE_Y": identity}
        return {name: value.item() for name, value in told.items()}

    def _nce(self, images: Tensor, made: Tensor, generator: torch.Generator) -> Tensor:
        g, f = self.networks["G"], self.networks["F"]
        keys = g.features(images)
        ids = draw_patches(keys, 256, generator)
        return patch_nce(f(g.features(made), ids), f(keys, ids))
