"""Fréchet distances of the `paper` protocol: metrics/fd.py with the features of other networks."""

from adis_bench.metrics.fd import FrechetDistance, FrechetDistanceByClass


class FID(FrechetDistance):
    """Fréchet Inception distance as Clean-FID has it, all outputs to all training frames."""

    name = "fid"
    description = (
        "Fréchet Inception distance (Clean-FID) of all outputs to all real training frames. `identity` is its floor, since sources are "
        "real frames: it says whether outputs look real, not whether they fit the sound. Too high by an amount that falls as n grows; "
        "compare at equal n only."
    )
    source = (
        "Heusel et al. 2017, arXiv 1706.08500; Inception V3 and resize of GaParmar/clean-fid 0.1.35, mode clean. "
        "The reference is this dataset's training frames; which one the paper used is not known to us."
    )
    unit = "squared Inception feature units"
    n_needed = 2048
    image_extractor = "inception_clean"
    beside: str | None = None


class FIDByClass(FrechetDistanceByClass):
    """Clean-FID within each target class, mean over classes."""

    name = "fid_by_class"
    description = (
        "Fréchet Inception distance (Clean-FID) of the outputs to real training frames of their target class, mean over classes: it sees "
        "outputs of the wrong class, which fid cannot. Blind to which source an output was made from. Classes have few outputs, so "
        "the value is far too high; compare at equal n only."
    )
    source = FID.source
    unit = FID.unit
    n_needed = FID.n_needed
    image_extractor = FID.image_extractor
    beside = None


class FIDLegacyPytorch(FID):
    """The distance with pytorch-fid's resize, beside Clean-FID's."""

    name = "fid_legacy_pytorch"
    description = (
        "Fréchet Inception distance with the resize of pytorch-fid (bilinear, without antialiasing), its scaling and its weight file, as "
        "many papers print it; can't see what fid can't. Compare at equal n only."
    )
    source = "Heusel et al. 2017, arXiv 1706.08500; GaParmar/clean-fid 0.1.35, mode legacy_pytorch."
    image_extractor = "inception_legacy_pytorch"
    beside = "fid"


class FIDLegacyTensorflow(FID):
    """The distance with the TensorFlow original's resize, beside Clean-FID's."""

    name = "fid_legacy_tensorflow"
    description = (
        "Fréchet Inception distance with the resize of the TensorFlow original (bilinear from pixel corners, without antialiasing), as "
        "older papers print it; differs from fid by the resize alone, and can't see what fid can't. Compare at equal n only."
    )
    source = "Heusel et al. 2017, arXiv 1706.08500; GaParmar/clean-fid 0.1.35, mode legacy_tensorflow."
    image_extractor = "inception_legacy_tensorflow"
    beside = "fid"


class FrechetDinoDistance(FrechetDistance):
    """The distance with DINOv2's features."""

    name = "fd_dinov2"
    description = (
        "Fréchet distance of all outputs to all real training frames in DINOv2 ViT-S/14 features, which agree better with people than "
        "Inception's; not comparable with published FD-DINOv2, which is ViT-L/14's. `identity` is its floor, since sources are real "
        "frames: blind to the sound. Compare at equal n only."
    )
    source = "Stein et al. 2023, arXiv 2306.04675 (dgm-eval); Oquab et al. 2023, arXiv 2304.07193."
    unit = "squared DINOv2 feature units"
    n_needed = 384
    image_extractor = "dinov2_vits14"
    beside = "fid"
