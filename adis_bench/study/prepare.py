"""From a finished run to a study folder: blind media, batch file, pages, key, estimate."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from adis_bench.errors import DataError
from adis_bench.files import digest_json, make_folder, write_json, write_text
from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.results import Results, read_results
from adis_bench.study.batch_csv import BATCH_NAME, write_batch
from adis_bench.study.blind_media import MEDIA, BlindMedia
from adis_bench.study.estimate import ESTIMATE_NAME, estimate
from adis_bench.study.layout import PlannedItem, plan_items
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.pseudonyms import kept_secret, keyed_digest
from adis_bench.study.records import KEY_NAME, STUDY_NAME, Key, Plan, Study, open_key, open_study, save
from adis_bench.study.sampling import StudyPair, check_methods, complete, gold_controls, read_pairs

TEMPLATE_NAME = "template.html"
PREVIEW_NAME = "preview.html"
N_PREVIEWED = 3
"""Items of the preview; ours: enough to see how one follows the other, few enough for a file that can be mailed."""
_SECRET_NAME = ".secret"  # until the key holds it: a killed call goes on under the same names
_OURS = {STUDY_NAME, KEY_NAME, MEDIA, BATCH_NAME, TEMPLATE_NAME, PREVIEW_NAME, ESTIMATE_NAME}


def prepare(run_dir: Path, out: Path, options: PrepareOptions) -> Study:
    """Make a study of a run, or find it again.

    ``study.json`` is written last: a folder that has it is whole. A call that was killed goes on with the same command. Called
    again with the same run and options, it writes only what is missing beside ``study.json``, so that pages changed by hand stay.

    Args:
        run_dir: a finished run.
        out: the study's folder.
        options: how to make it.

    Raises:
        ConfigError: options that make no study of this run.
        DataError: too few pairs, damaged media, or a folder that holds something else.
        IncompleteRunError: the run has no results yet.
    """
    options.check()
    run_dir, out = run_dir.resolve(), out.resolve()
    results = read_results(run_dir)
    check_methods(options.methods, results)
    controls = gold_controls(results) if options.share_of_gold else None
    facts = _facts(results, options, controls)
    before = _study_of_before(out, options, facts)
    pairs = _pairs(run_dir, options, controls)
    make_folder(out)
    secret = open_key(out).secret if (out / KEY_NAME).is_file() else kept_secret(out / _SECRET_NAME)
    items = plan_items(pairs, options, controls, secret)
    media = BlindMedia(out, run_dir, secret, digest_json(facts), results.resolution, options.sound_format)
    facts["options"] = _fingerprint(secret, options, facts)
    study = _study(before.name if before else out.name, options, items, media, facts)
    if before is not None and before != study:
        return before  # made by another version of this program: what has been shown to people stays as it is
    media.write(items)
    _write_pages(out, study, options)
    if before is None:
        media.prune(study.items)
        displays = {pair.label: results.dataset.displays.get(pair.label, pair.label) for pair in pairs}
        save(out, study, Key(_in_order(results, options), displays, {item.item_id: item.key for item in items}, secret, str(run_dir)))
    (out / _SECRET_NAME).unlink(missing_ok=True)
    return study


def _facts(results: Results, options: PrepareOptions, controls: tuple[str, str] | None) -> dict[str, str]:
    """What the outputs come from; digests only, so that no method can be told from it."""
    shown = {*options.methods, *(controls or ())}
    provenance = {m.label: m.provenance for m in results.methods if m.label in shown}
    return {
        "protocol": results.protocol,
        "dataset": results.dataset.digest,
        "pairs": results.pairs.digest,
        "outputs": digest_json([provenance, results.resolution]),
    }


def _fingerprint(secret: str, options: PrepareOptions, facts: dict[str, str]) -> str:
    """Of options and run: tells whether a call is the same again, and, keyed, tells nobody else anything."""
    return keyed_digest(secret, digest_json(["study", asdict(options), {name: facts[name] for name in sorted(facts) if name != "options"}]))


def _study_of_before(out: Path, options: PrepareOptions, facts: dict[str, str]) -> Study | None:
    """The same study in the folder, or None where there is none yet.

    Raises:
        DataError: another study, or files that no unfinished study has.
    """
    if (out / STUDY_NAME).is_file():
        before = open_study(out)
        if before.run.get("options") == _fingerprint(open_key(out).secret, options, facts):
            return before
        raise DataError(
            f"{printable(str(out))} holds a study of another run or with other options, which may have been shown to people; "
            "choose another folder with --out"
        )
    strange = (
        sorted(path.name for path in out.glob("*") if not path.name.startswith(".") and path.name not in _OURS) if out.is_dir() else []
    )
    if strange:
        raise DataError(
            f"{printable(str(out))} holds {len(strange)} files that are not of an unfinished study, first: {printable(strange[0])}; "
            "choose a new folder with --out"
        )
    return None


def _pairs(run_dir: Path, options: PrepareOptions, controls: tuple[str, str] | None) -> tuple[StudyPair, ...]:
    """The pairs that can be shown; says how many can't.

    Raises:
        DataError: fewer than asked for.
    """
    every = read_pairs(run_dir)
    pairs, missing = complete(every, run_dir, tuple(dict.fromkeys((*options.methods, *(controls or ())))))
    told = ", ".join(f"{printable(name)} {count}" for name, count in missing.items())
    if len(pairs) < options.n_samples:
        because = f": of its {len(every)} pairs {len(every) - len(pairs)} lack an output ({told})" if missing else ""
        raise DataError(
            f"--samples {options.n_samples} are more than the {len(pairs)} pairs of {printable(str(run_dir))} that can be shown{because}; "
            "ask for fewer"
        )
    if missing:
        say(f"note: {len(every) - len(pairs)} of {len(every)} pairs are not sampled, since they lack an output: {told}")
    if len(pairs) < options.n_samples + options.n_gold:
        n = options.n_samples + options.n_gold - len(pairs)
        say(f"note: the run has no further pairs for {n} of {options.n_gold} gold items; they show pairs that are ranked as well")
    return pairs


def _study(name: str, options: PrepareOptions, items: Sequence[PlannedItem], media: BlindMedia, facts: dict[str, str]) -> Study:
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
    shown = tuple(media.item(item) for item in items)
    return Study(
        name,
        len(options.methods),
        options.ties,
        plan,
        options.rules,
        options.texts,
        shown,
        asset_url=options.asset_url,
        reward=options.reward,
        run=facts,
    )


def _in_order(results: Results, options: PrepareOptions) -> tuple[str, ...]:
    """The methods in the order of the run's reports."""
    return tuple(method.label for method in results.methods if method.label in options.methods)


def _write_pages(out: Path, study: Study, options: PrepareOptions) -> None:
    """Batch file, pages and estimate; those of a finished study only where they are missing."""
    from adis_bench.study.page import render_mturk, render_preview

    finished = (out / STUDY_NAME).is_file()
    writers: dict[str, Callable[[], None]] = {
        BATCH_NAME: lambda: write_batch(out, study),
        TEMPLATE_NAME: lambda: write_text(out / TEMPLATE_NAME, render_mturk(study)),
        PREVIEW_NAME: lambda: write_text(out / PREVIEW_NAME, render_preview(study, out, min(N_PREVIEWED, len(study.items)))),
        ESTIMATE_NAME: lambda: write_json(out / ESTIMATE_NAME, estimate(study, options.seconds_per_item).to_json()),
    }
    for name, write in writers.items():
        if not finished or not (out / name).is_file():
            write()
