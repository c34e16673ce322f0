"""Which results files of a folder were made of."""

from dataclasses import dataclass

from adis_bench.files import digest_file
from adis_bench.results import RESULTS_NAME
from adis_bench.results.fields import Digest, Record
from reports.data import RunData


@dataclass(frozen=True, slots=True)
class RunFacts(Record):
    """A run, as records of files say it; digests as in ``results.json``, whose own is ``results_sha256``."""

    results_sha256: Digest
    dataset: str
    dataset_digest: Digest
    pairs_digest: Digest
    protocol: str
    protocol_version: int
    protocol_digest: Digest
    seed: int
    methods: tuple[str, ...]


def facts_of(run: RunData) -> RunFacts:
    """What a record says of a run."""
    made = run.results
    return RunFacts(
        results_sha256=digest_file(run.folder / RESULTS_NAME),
        dataset=made.dataset.name,
        dataset_digest=made.dataset.digest,
        pairs_digest=made.pairs.digest,
        protocol=made.protocol,
        protocol_version=made.protocol_version,
        protocol_digest=made.protocol_digest,
        seed=made.seed,
        methods=tuple(method.label for method in run.methods),
    )
