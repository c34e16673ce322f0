"""Images made elsewhere: ``folder:PATH`` scores ``PATH/<pair_id>.png``."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from adis_bench.datasets.media import Images, read_image
from adis_bench.datasets.pairs import pairs_digest
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.errors import ConfigError, DataError
from adis_bench.files import digest_file, digest_json
from adis_bench.methods.protocol import Conditioning, MethodOptions
from adis_bench.progress import track

Size = tuple[int, int]


class Folder:
    """Outputs of any code, on the pairs of ``adis-bench pairs export``.

    All outputs must be there, readable and of one size; they are resized to the run's resolution
    where they have another, and the provenance says so.
    """

    name = "folder"
    description = "images made elsewhere: folder:PATH scores PATH/<pair_id>.png"
    citation = ""
    conditions_on: Conditioning = "unknown"

    def __init__(self, options: MethodOptions) -> None:
        if not options.variant:
            raise ConfigError("method 'folder' needs the folder of its images: write `--method LABEL=folder:PATH`")
        if options.settings:
            raise ConfigError(f"method 'folder' takes no settings, but got {', '.join(options.settings)}; leave them out")
        self.path = Path(options.variant).expanduser().resolve()
        self.resolution = options.resolution
        self._digests: dict[str, str] = {}
        self._pairs_digest = ""
        self._size: Size = (0, 0)

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Look at every output before anything long begins.

        Raises:
            DataError: no such folder; missing or unreadable outputs; outputs of several sizes.
        """
        if not self.path.is_dir():
            raise DataError(f"no folder {self.path}; make the outputs with `adis-bench pairs export`")
        self._check_missing(pairs)
        sizes: dict[Size, list[str]] = defaultdict(list)
        unreadable: list[str] = []
        digests: dict[str, str] = {}
        for pair in track(pairs, f"look at {self.path.name}", len(pairs)):
            path = self._output(pair)
            try:
                height, width, _ = read_image(path).shape
            except DataError:
                unreadable.append(path.name)
                continue
            sizes[width, height].append(path.name)
            digests[pair.pair_id] = digest_file(path)
        if unreadable:
            raise DataError(
                f"{len(unreadable)} of {len(pairs)} outputs in {self.path} are not readable images, first: {unreadable[0]}; make them again"
            )
        self._check_sizes(sizes)
        self._digests, self._pairs_digest = digests, pairs_digest(pairs)

    def _output(self, pair: Pair) -> Path:
        return self.path / f"{pair.pair_id}.png"

    def _check_missing(self, pairs: Sequence[Pair]) -> None:
        missing = [path.name for path in map(self._output, pairs) if not path.is_file()]
        if missing:
            raise DataError(
                f"{len(missing)} of {len(pairs)} outputs are missing in {self.path}, first: {missing[0]}; "
                "make them from the pairs of `adis-bench pairs export` (same dataset, preset and seed)"
            )

    def _check_sizes(self, sizes: Mapping[Size, Sequence[str]]) -> None:
        if len(sizes) > 1:
            common, other = sorted(sizes.items(), key=lambda item: -len(item[1]))[:2]
            raise DataError(
                f"the outputs in {self.path} have {len(sizes)} sizes: "
                f"{_described(*common)} and {_described(*other)}; make all of them in one size"
            )
        self._size = next(iter(sizes), (self.resolution, self.resolution))

    def fit(self, train: Dataset, workdir: Path) -> None:
        """Nothing to train."""

    def stylize(self, pairs: Sequence[Pair]) -> Iterator[Images]:
        """Yield the outputs at the run's resolution; without ``plan``, ``pairs`` is taken for the whole list."""
        if any(pair.pair_id not in self._digests for pair in pairs):
            self.plan(pairs)
        return (read_image(self._output(pair), self.resolution) for pair in pairs)

    def provenance(self) -> Mapping[str, Any]:
        """The size of the files, how they were resized, and a digest over the bytes of all of them."""
        width, height = self._size
        resized = self._size != (self.resolution, self.resolution)
        facts = {
            "method": self.name,
            "resolution": self.resolution,
            "size": [width, height],
            "pairs": self._pairs_digest,
            "files": digest_json(self._digests),
        }
        differences = [f"outputs of {width} x {height} px were resized to {self.resolution} x {self.resolution} px (bicubic, antialiased)"]
        return {**facts, "path": str(self.path), "digest": digest_json(facts), "differences": differences if resized else []}


def _described(size: Size, names: Sequence[str]) -> str:
    return f"{size[0]} x {size[1]} px ({len(names)}, such as {names[0]})"
