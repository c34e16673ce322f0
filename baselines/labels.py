"""How a label enters a baseline: as a learned vector at the place where ``ours`` has the sound's."""

from torch import Tensor, nn

from reference_model.settings import NetworkSettings


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


def label_encoder(n_labels: int, settings: NetworkSettings) -> nn.Module:
    """One learned vector per label, as long as the sound's."""
    return nn.Embedding(n_labels, settings.condition_size)


def discriminator_label_encoder(n_labels: int, settings: NetworkSettings, resolution: int) -> nn.Module:
    """The label's form for the discriminator; one that judges the image alone gets nothing to learn from it."""
    if settings.discriminator_conditioning == "none":
        return nn.Identity()
    if settings.discriminator_conditioning == "concat":
        return LabelPicture(n_labels, resolution)
    return label_encoder(n_labels, settings)
