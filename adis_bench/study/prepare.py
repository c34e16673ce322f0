"""From a finished run to a study folder: blind media, batch file, pages, key, estimate."""

from collections.abc import Callable
from pathlib import Path

from adis_bench.errors import DataError
from adis_bench.files import make_folder, write_json, write_text
from adis_bench.printable import printable
from adis_bench.progress import say
from adis_bench.results import read_results
from adis_bench.study.batch_csv import BATCH_NAME, write_batch
from adis_bench.study.blind_media import MEDIA
from adis_bench.study.estimate import ESTIMATE_NAME, estimate, read_estimate
from adis_bench.study.finished import restore
from adis_bench.study.prepare_checks import check
from adis_bench.study.prepare_job import Job
from adis_bench.study.prepare_options import PrepareOptions
from adis_bench.study.pseudonyms import kept_secret
from adis_bench.study.records import KEY_NAME, STUDY_NAME, Study, has_content, open_key, open_study, save
from adis_bench.study.sampling import check_methods, gold_controls

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
    In a folder that holds nothing but a copy of ``key.json`` it makes the very study of that key.

    Args:
        run_dir: a finished run.
        out: the study's folder.
        options: how to make it.

    Raises:
        ConfigError: options that make no study of this run, or texts that don't fit on a page of Mechanical Turk.
        DataError: too few pairs, damaged media, or a folder that holds something else.
        IncompleteRunError: the run has no results yet.
    """
    options.check()
    run_dir, out = run_dir.resolve(), out.resolve()
    results = read_results(run_dir)
    check_methods(options.methods, results)
    job = Job(run_dir, out, options, results, gold_controls(results) if options.share_of_gold else None)
    if (out / STUDY_NAME).is_file():
        return _again(job)
    _check_folder(out)
    shown = job.shown()
    check(job, shown)
    make_folder(out)
    secret = open_key(out).secret if has_content(out / KEY_NAME) else kept_secret(out / _SECRET_NAME)
    items = job.plan(shown, secret)
    study, media = job.study(items, secret), job.media(secret)
    media.write(items)
    _write_pages(out, study, options)
    media.prune(study.items)
    save(out, study, job.key(items, secret))
    (out / _SECRET_NAME).unlink(missing_ok=True)
    return study


def _again(job: Job) -> Study:
    """The finished study in the folder; what was lost beside it is made anew where that can be.

    Raises:
        DataError: it is another one.
    """
    study, key = open_study(job.out), open_key(job.out)
    if study.run.get("options") != job.fingerprint(key.secret):
        raise DataError(
            f"{printable(str(job.out))} holds a study of another run or with other options, which may have been shown to people; "
            "choose another folder with --out"
        )
    shown, media = job.shown(), job.media(key.secret)
    enough = len(shown.pairs) >= job.options.n_samples and len(shown.golden) >= job.options.n_gold
    if not enough or tuple(media.item(item) for item in job.plan(shown, key.secret)) != study.items:
        say(
            "note: outputs of the run, or adis-bench, have changed since the study was made, and it would be another one now; "
            "it stays as it is, since people may have seen it"
        )
    restore(media, study, key, shown.every)
    _write_pages(job.out, study, job.options)
    (job.out / _SECRET_NAME).unlink(missing_ok=True)
    return study


def _check_folder(out: Path) -> None:
    """Refuse files that no unfinished study has.

    Raises:
        DataError: there are some.
    """
    strange = (
        sorted(path.name for path in out.glob("*") if not path.name.startswith(".") and path.name not in _OURS) if out.is_dir() else []
    )
    if strange:
        raise DataError(
            f"{printable(str(out))} holds {len(strange)} files that are not of an unfinished study, first: {printable(strange[0])}; "
            "choose a new folder with --out"
        )


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
        damaged = name == ESTIMATE_NAME and read_estimate(out / name) is None
        if not finished or damaged or not has_content(out / name):
            write()
