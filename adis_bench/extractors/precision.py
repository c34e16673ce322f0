"""float32 that is float32 on a GPU, too."""

from contextlib import AbstractContextManager

import torch


def whole_float32() -> AbstractContextManager[None]:
    """Keep cuDNN from TF32, its default, whose ten bits of mantissa are no float32; bf16 is the named fast variant."""
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)  # type: ignore[no-any-return,no-untyped-call]
