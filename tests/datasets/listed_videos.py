"""Three listed videos, and what imports of them write."""

from pathlib import Path

from adis_bench.datasets.cutting import Cut
from adis_bench.datasets.into_the_wild.importer import Options, import_videos
from adis_bench.datasets.records import Dataset
from adis_bench.datasets.video_dataset import SplitChoice
from tests.datasets.videos import clicks, write_video

LISTED = ("-dUhzZayxiQ", "XHUic6aEWlQ", "_OQ2n6-ABl8")


def write_listed(folder: Path) -> Path:
    """Three listed videos of 7, 3.5 and 9 s."""
    for k, (name, seconds) in enumerate(zip(LISTED, (7.0, 3.5, 9.0), strict=True)):
        wave = clicks(seconds, 48_000, [0.5], seed=k)
        write_video(folder / f"{name}.mkv", round(seconds * 30), wave=wave, first=1000 * k)
    return folder


def options(**changes) -> Options:
    """Options of an import in this process."""
    given = {"cut": Cut(side=512), "tails": "repeat", "split": SplitChoice("video", 0.2, 0), "processes": 0} | changes
    return Options(**given)


def make(videos: Path, out: Path, **changes) -> Dataset:
    """Import videos."""
    return import_videos(videos, out, options(**changes))


def written(out: Path) -> dict[str, bytes]:
    """Header and index, byte by byte."""
    return {name: (out / name).read_bytes() for name in ("dataset.json", "index.parquet")}
