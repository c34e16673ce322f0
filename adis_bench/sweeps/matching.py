"""Whether a sweep is of the run beside which it lies: a run may have been made or scored anew since."""

from adis_bench.results import Results
from adis_bench.sweeps.records import Sweep


def other_than(sweep: Sweep, results: Results) -> list[str]:
    """What all numbers of a sweep rest on and a run has otherwise, each in a word or two; empty where all is the run's."""
    judge = {extractor.name: extractor.digest for extractor in results.extractors}
    facts = {
        "dataset": sweep.dataset_digest == results.dataset.digest,
        "pair list": sweep.pairs_digest == results.pairs.digest,
        "protocol": sweep.protocol_digest == results.protocol_digest,
        "resolution": sweep.resolution == results.resolution,
        **{f"extractor {name}": judge.get(name) == digest for name, digest in sweep.extractors.items()},
    }
    return [name for name, same in facts.items() if not same]


def other_methods(sweep: Sweep, results: Results) -> dict[str, str]:
    """The labels of those methods of a sweep that a run has not, or with another model, each with that reason."""
    known = {method.label: method.provenance.get("digest", "") for method in results.methods}
    found = {}
    for method in sweep.methods:
        if method.label not in known:
            found[method.label] = "the run has no such method"
        elif known[method.label] != method.digest:
            found[method.label] = "the run has another model of that name"
    return found
