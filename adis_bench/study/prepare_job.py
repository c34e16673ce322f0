"""What ``study prepare`` makes a study from: a run as it is now, and options."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adis_bench.files import digest_json
from adis_bench.results import Results
from adis_bench.study.blind_media import BlindMedia
from adis_bench.study.layout import PlannedItem, plan_items
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.pseudonyms import keyed_digest
from adis_bench.study.records import Key, Plan, Study
from adis_bench.study.sampling import StudyPair, complete, read_pairs


@dataclass(frozen=True, slots=True)
class Shown:
    """Pairs that can be shown.

    Attributes:
        every: all of the run.
        pairs: those with an output of every method.
        golden: ids of those of them that have outputs of both controls too.
        missing, missing_controls: outputs that each method, or each control, lacks of ``every``, or of ``pairs``.
    """

    every: tuple[StudyPair, ...]
    pairs: tuple[StudyPair, ...]
    golden: frozenset[str]
    missing: dict[str, int]
    missing_controls: dict[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """A study to be made.

    Attributes:
        run_dir: where the outputs are.
        out: the study's folder.
        options: how to make it.
        results: of the run.
        controls: the right and the wrong one of gold items; None without gold items.
    """

    run_dir: Path
    out: Path
    options: PrepareOptions
    results: Results
    controls: tuple[str, str] | None

    @property
    def facts(self) -> dict[str, str]:
        """What may be known of the run: nothing that differs from method to method, since lists of methods can be tried out."""
        return {"protocol": self.results.protocol, "dataset": self.results.dataset.digest, "pairs": self.results.pairs.digest}

    def fingerprint(self, secret: str) -> str:
        """Of options and run: tells whether a call is the same again, and, keyed, tells nobody else anything."""
        return keyed_digest(secret, digest_json(["study", asdict(self.options), self._content()]))

    def _content(self) -> str:
        shown = {*self.options.methods, *(self.controls or ())}
        provenance = {method.label: method.provenance for method in self.results.methods if method.label in shown}
        return digest_json([self.facts, provenance, self.results.resolution])

    def shown(self) -> Shown:
        """The run's pairs, as they are now."""
        every = read_pairs(self.run_dir)
        pairs, missing = complete(every, self.run_dir, self.options.methods)
        golden, missing_controls = complete(pairs, self.run_dir, self.controls or ())
        return Shown(every, pairs, frozenset(pair.pair_id for pair in golden), missing, missing_controls)

    def plan(self, shown: Shown, secret: str) -> tuple[PlannedItem, ...]:
        """All items under a secret."""
        return plan_items(shown.pairs, self.options, self.controls, secret, shown.golden)

    def media(self, secret: str) -> BlindMedia:
        """Their files."""
        return BlindMedia(self.out, self.run_dir, secret, self._content(), self.results.resolution, self.options.sound_format)

    def study(self, items: Sequence[PlannedItem], secret: str) -> Study:
        """What becomes ``study.json``."""
        options = self.options
        media = self.media(secret)
        plan = Plan(
            options.reading,
            options.n_samples,
            options.n_workers,
            options.n_gold,
            options.n_repeats,
            options.raters,
            -(-len(items) // options.n_blocks),
            options.share_of_gold,
            options.repeat_rate,
            options.seed,
        )
        return Study(
            self.out.name,
            len(options.methods),
            options.ties,
            plan,
            options.rules,
            options.texts,
            tuple(media.item(item) for item in items),
            asset_url=options.asset_url,
            reward=options.reward,
            run=self.facts | {"options": self.fingerprint(secret)},
        )

    def key(self, items: Sequence[PlannedItem], secret: str) -> Key:
        """What becomes ``key.json``; methods in the order of the run's reports."""
        methods = tuple(method.label for method in self.results.methods if method.label in self.options.methods)
        names = self.results.dataset.displays
        displays = {item.pair.label: names.get(item.pair.label, item.pair.label) for item in items}
        outputs = {m.label: str(m.provenance["digest"]) for m in self.results.methods if m.label in methods and m.provenance.get("digest")}
        return Key(methods, displays, {item.item_id: item.key for item in items}, secret, str(self.run_dir), outputs)
