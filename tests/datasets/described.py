"""A hand-made dataset of the form that importers of videos write: four videos, five segments, two of them untagged or unlike."""

from pathlib import Path
from typing import Any

import numpy as np

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.datasets.records import Dataset, Segment
from adis_bench.files import digest_file

RATE_HZ = 8000
EVIL = "a\nb\x1b[31m<script>alert(1)</script>\u202e\udcff.mp4"
"""Everything that a file name may hold: a line break, a terminal's command, markup, a turned direction, a byte that is no UTF-8."""
SKIPPED = [
    {"path": EVIL, "reason": "unreadable", "detail": "Invalid data <b>"},
    {"path": "mute.mp4", "reason": "no_audio", "detail": "no audio stream"},
    {"path": "one.mp4#t=48,51", "reason": "music", "detail": "Music 0.91"},
    {"path": "one.mp4#t=51,54", "reason": "music", "detail": ""},
]
# name, label, split, level in dBFS
SEGMENTS = [
    ("one_clip1", "rain", "train", -20.0),
    ("one_clip2", "rain", "train", -30.0),
    ("two_clip1", "ocean", "test", -40.0),
    ("three_clip1", "rain", "test", -50.0),
    ("three_clip2", "unknown", "test", -25.0),
]


def segment(root: Path, name: str, label: str, split: str, level_db: float | None = None, *, n_frames: int = 2, seed: int = 0) -> Segment:
    """A segment with media of its own: noise images of 24 x 16 and 3 s of a tone."""
    video = name.partition("_clip")[0]
    rng = np.random.default_rng([seed, *name.encode()])
    audio = root / "audio" / f"{name}.wav"
    write_wav(audio, (0.4 * np.sin(np.arange(3 * RATE_HZ) * rng.uniform(0.2, 0.9))).astype(np.float32), RATE_HZ)
    frames = tuple(root / "frames" / f"{name}-{k}.png" for k in range(1, n_frames + 1))
    for frame in frames:
        write_png(frame, rng.integers(0, 256, (16, 24, 3), dtype=np.uint8))
    details = {"video": video, "start_s": 0.0, "seconds": 3.0} | ({} if level_db is None else {"level_db": level_db})
    digests = tuple(map(digest_file, frames))
    return Segment(name, label, split, audio, digest_file(audio), video, frames, digests, (video,) * n_frames, RATE_HZ, details)


def source(name: str, minutes: float, n_segments: int) -> dict[str, Any]:
    """A video as importers note it."""
    facts = {"width": 640, "height": 360, "fps": 29.97, "audio_rate_hz": 44_100}
    return {"name": name, "path": f"{name}.mp4", "seconds": 60 * minutes, "n_segments": n_segments, **facts}


def video_dataset(root: Path, kind: str = "into_the_wild") -> Dataset:
    """The dataset, saved."""
    dataset = Dataset(
        root=root,
        name="Evil <i>name</i>",
        recipe={"kind": kind, "version": 1, "split": "video", "test_share": 0.2, "seed": 0},
        pairing="recorded",
        displays={"rain": "rain & wind", "ocean": "ocean", "gravel": "gravel", "unknown": "unknown"},
        segments=tuple(segment(root, *row) for row in SEGMENTS),
        not_evaluated={"unknown": "no sound was tagged"},
        notes={
            "labels_from": "hand",
            "sources": [source("one", 20, 2), source("two", 1.5, 1), source("three", 44, 2), source("four", 23, 0)],
            "skipped": SKIPPED,
            "availability": {"listed": 94, "present": 4, "hours": 88.5 / 60},
            "unused_test": {"unknown": 1},
        },
    )
    dataset.save()
    return dataset
