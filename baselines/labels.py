"""How a label enters a baseline: as a learned vector at the place where ``ours`` has the sound's."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from reference_model.settings import NetworkSettings

_UNKNOWN = "how labels entered the paper's baselines is not published"
LABEL_READING = f"{_UNKNOWN}: here one model for all classes, with a learned vector where ours has the sound's"
PAIR_READING = f"{_UNKNOWN}: here they are used as they were published, one model per pair of classes"


class LabelPicture(nn.Module):
    """A learned colour per label, tiled: the label's form for a discriminator that wants a picture."""

    def __init__(self, n_labels: int, size: int) -> None:
        super().__init__()
        self.colours = nn.Embedding(n_labels, 3)
        self.size = size

    def forward(self, labels: Tensor) -> Tensor:
        """[B, 3, size, size] from label indices [B]."""
        colours: Tensor = self.colours(labels)
        return colours[:, :, None, None].expand(-1, -1, self.size, self.size)


@dataclass(frozen=True, slots=True)
class LabelEncoders:
    """Makers of fresh encoders, one per network that hears a label.

    Attributes:
        generator: one learned vector per label, as long as the sound's.
        discriminator: the form that the discriminator takes.
    """

    generator: Callable[[], nn.Module]
    discriminator: Callable[[], nn.Module]


UNCONDITIONED = LabelEncoders(nn.Identity, nn.Identity)
"""For networks between two classes, which hear nothing: there is nothing to learn."""


def label_encoders(n_labels: int, settings: NetworkSettings, resolution: int) -> LabelEncoders:
    """Encoders of ``n_labels`` labels; a discriminator that judges the image alone gets nothing to learn from it."""
    forms: dict[str, Callable[[], nn.Module]] = {
        "none": nn.Identity,
        "concat": lambda: LabelPicture(n_labels, resolution),
        "projection": lambda: nn.Embedding(n_labels, settings.condition_size),
    }
    return LabelEncoders(lambda: nn.Embedding(n_labels, settings.condition_size), forms[settings.discriminator_conditioning])
