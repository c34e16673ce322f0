"""The self-check: every metric of a protocol on real images that are right, wrong, damaged, and dealt anew."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from adis_bench.assembly import pairs_record
from adis_bench.caveats import caveats, extractor_caveats, trunk_caveats
from adis_bench.contenders import contenders_of, make_outputs
from adis_bench.datasets.media import read_image, write_png
from adis_bench.datasets.records import Dataset, Pair
from adis_bench.embedding import RunEmbeddings
from adis_bench.environment import set_threads, versions
from adis_bench.errors import ConfigError, DataError
from adis_bench.extractors.protocol import Extractor
from adis_bench.files import digest_json, make_folder
from adis_bench.metrics.protocol import Metric
from adis_bench.metrics.trust import controls_of
from adis_bench.outputs import Manifest, OutputFolder
from adis_bench.pipeline import fixed_pairs, made_pairs, open_dataset, prepared_extractors
from adis_bench.progress import bar, say
from adis_bench.scoring import metrics_of
from adis_bench.seeding import generator
from adis_bench.selfcheck.damage import DAMAGES, VERSION, Damage
from adis_bench.selfcheck.measures import Drawn, checked
from adis_bench.selfcheck.records import SCHEMA_VERSION, SelfCheck, write_check
from adis_bench.spec import RunSpec


def check_metrics(spec: RunSpec, n_seeds: int, command: str) -> SelfCheck:
    """Check all metrics of a protocol on a dataset, and write ``metric_check.json`` into the run's folder.

    Args:
        spec: as of a run without methods.
        n_seeds: deals of the pairs and trainings of the suite's own networks, from the spec's seed on.
        command: what the user typed.

    Raises:
        DataError: a control could not make its images.
    """
    make_folder(spec.out)
    set_threads()
    dataset = open_dataset(spec)
    _refuse_without_frames(dataset, fixed_pairs(spec, dataset))
    extractors = prepared_extractors(spec, dataset)
    metrics = metrics_of(spec, dataset)
    draws = [
        _drawn(spec, seed, dataset, extractors if seed == spec.seed else _of_seed(spec, seed, dataset, extractors), metrics)
        for seed in range(spec.seed, spec.seed + n_seeds)
    ]
    rounded = _in_bf16(draws[0], dataset, metrics)
    pairs = pairs_record(dataset, draws[0].pairs)
    check = SelfCheck(
        schema_version=SCHEMA_VERSION,
        dataset=dataset.name,
        dataset_digest=dataset.digest,
        pairs_digest=pairs.digest,
        protocol=spec.protocol,
        preset=spec.preset,
        seeds=tuple(draw.spec.seed for draw in draws),
        n_pairs=pairs.n,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        versions=versions(),
        warnings=(*caveats(dataset, pairs, spec.n_pairs, (), {}), *trunk_caveats(extractors), *extractor_caveats(extractors)),
        metrics=tuple(checked(metric, draws, rounded) for metric in metrics),
    )
    write_check(spec.out, check)
    return check


def _refuse_without_frames(dataset: Dataset, pairs: Sequence[Pair]) -> None:
    """Right images are the target sounds' own frames."""
    n_without = sum(not pair.target.has_frames for pair in pairs)
    if n_without:
        raise DataError(
            f"metrics are checked on the target sounds' own frames, but {n_without} of {len(pairs)} targets of {dataset.root} have none; "
            "check them on the data that methods are trained on: `adis-bench check metrics --data D`"
        )


def _of_seed(spec: RunSpec, seed: int, dataset: Dataset, extractors: Mapping[str, Extractor]) -> dict[str, Extractor]:
    """The extractors with those that the suite trains itself trained from another seed; published ones stay as they are."""
    own = tuple(name for name, extractor in extractors.items() if not getattr(extractor, "weights_name", ""))
    return {**extractors, **prepared_extractors(spec.model_copy(update={"seed": seed, "extractors": own}), dataset)}


def _drawn(spec: RunSpec, seed: int, dataset: Dataset, extractors: Mapping[str, Extractor], metrics: Sequence[Metric]) -> Drawn:
    """Pairs of a seed with the controls that the metrics are checked by; the first seed's with the damaged images as well."""
    first = seed == spec.seed
    drawn = spec.model_copy(update={"seed": seed, "methods": (), "out": spec.out if first else spec.out / "seeds" / str(seed)})
    pairs = made_pairs(drawn, dataset)
    right = {controls_of(metric)[0] for metric in metrics}
    controls = {}
    for contender in contenders_of(drawn, dataset, pairs):
        if first or contender.label in right:
            failure = make_outputs(contender, drawn, dataset.split("train"), pairs)[1]
            if failure is not None:
                raise DataError(f"control {failure.label} could not make its images: {failure.message}") from failure.error
            controls[contender.label] = OutputFolder.of(drawn.out, contender.label)
    damaged = {base: _damaged(drawn, base, controls[base], pairs) if first else {} for base in right}
    embeddings = {
        base: RunEmbeddings(
            dataset,
            pairs,
            {**controls, **damaged[base]},
            extractors,
            [metric for metric in metrics if controls_of(metric)[0] == base],
            drawn.resolution,
        )
        for base in sorted(right)
    }
    return Drawn(drawn, pairs, embeddings)


def _damaged(spec: RunSpec, base: str, clean: OutputFolder, pairs: Sequence[Pair]) -> dict[str, OutputFolder]:
    """A control's images with every damage, where they aren't there yet."""
    folders = {}
    with bar(f"damaged images of {base}", len(pairs) * len(DAMAGES)) as running:
        for damage in DAMAGES:
            folder = folders[damage.label(base)] = OutputFolder.of(spec.out, damage.label(base))
            folder.begin(_manifest_of(damage, base, clean))
            for pair in pairs:
                path = folder.image_path(pair)
                if not path.is_file():
                    write_png(path, damage.apply(read_image(clean.image_path(pair)), generator("damage", damage.label(base), pair.pair_id)))
                running.advance()
    return folders


def _manifest_of(damage: Damage, base: str, clean: OutputFolder) -> Manifest:
    """So that images are made anew where those that they were made of are others now, of another size, say."""
    made_of = clean.read_manifest()
    label = damage.label(base)
    key = digest_json([VERSION, label, made_of.key if made_of else ""])
    return Manifest(key, label, label, f"{base} with {damage.kind}, {damage.strength}", "", "nothing", True, {"digest": key})


def _in_bf16(drawn: Drawn, dataset: Dataset, metrics: Sequence[Metric]) -> RunEmbeddings | None:
    """The controls once more, by extractors that compute in bf16; None where a backend has none."""
    spec = drawn.spec.model_copy(update={"precision": "bf16"})
    outputs = {label: OutputFolder.of(spec.out, label) for label in drawn.controls}
    try:
        extractors = prepared_extractors(spec, dataset)
    except ConfigError as error:
        say(f"no shift in bf16 is measured: {error}")
        return None
    return RunEmbeddings(dataset, drawn.pairs, outputs, extractors, metrics, spec.resolution)
