"""``adis-bench study prepare``: from a run to a study that people can take part in."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adis_bench.cli.options import debug_option, json_option
from adis_bench.cli.study.screening_options import RULES, screening_options
from adis_bench.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adis_bench.study.records import Study


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


@click.command(short_help="sample pairs of a run and make a blind study of them: media, pages, batch file, key, estimate")
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--methods", required=True, callback=_names, metavar="A,B,C", help="Methods of the run that people compare, 2 to 8.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="STUDY", help="The study's folder.")
@click.option(
    "--samples", "n_samples", type=int, default=1000, show_default=True, help="Pairs that are ranked, even over the sounds' classes."
)
@click.option("--workers", "n_workers", type=int, default=20, show_default=True, help="Workers wanted.")
@click.option(
    "--reading",
    type=click.Choice(["each", "shared"]),
    default="each",
    show_default=True,
    help='Of the paper\'s "twenty workers, 1,000 samples": each worker ranks every sample, or the workers share them.',
)
@click.option(
    "--ties/--no-ties", default=False, help="Whether images may have the same rank.  [default: no-ties; the paper doesn't say what it did]"
)
@click.option(
    "--gold-rate",
    type=float,
    help="Items with a known answer, as a share of the samples.  [default: 0.05; 0.1 where workers share items; 4 a worker at least]",
)
@click.option("--repeat-rate", type=float, default=0.05, show_default=True, help="Items shown again, as a share of the samples.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of sample and orders.")
@click.option(
    "--asset-url", default="", metavar="URL", help="Where you will put the media for Mechanical Turk, such as https://example.org/study/."
)
@click.option("--sound-format", type=click.Choice(["wav", "mp3"]), default="wav", show_default=True, help="Every browser plays both.")
@click.option(
    "--reward",
    type=float,
    default=0.10,
    show_default=True,
    metavar="DOLLARS",
    help="For an item; 0 where nobody is paid. The default is ours.",
)
@click.option(
    "--seconds-per-item", type=float, default=30.0, show_default=True, help="Assumed, for pay by the hour; a guess of ours, time a few."
)
@click.option("--title", default="", help="Of the task.")
@click.option("--question", default="", help="Asked of every item.")
@click.option("--instructions", type=click.Path(path_type=Path), metavar="FILE", help="Text, a blank line between paragraphs.")
@click.option("--consent", type=click.Path(path_type=Path), metavar="FILE", help="Text that participants agree to.")
@click.option("--contact", default="", help="Whom participants can ask; stands in the consent text.")
@screening_options
@json_option
@debug_option
def command(run_dir: Path, out: Path, as_json: bool, **given: Any) -> None:
    """Make a study of RUN in which people rank the methods' images without knowing whose they are.

    The rules of screening are fixed in study.json before anybody answers. The same command goes on after a kill.
    """
    import json

    from adis_bench.study.estimate import ESTIMATE_NAME, estimate, read_estimate
    from adis_bench.study.prepare import prepare

    out = out.expanduser()
    options = _options(given)
    study = prepare(run_dir.expanduser(), out, options)
    found = (read_estimate(out / ESTIMATE_NAME) or estimate(study, options.seconds_per_item)).to_json()
    if as_json:
        click.echo(json.dumps(_record(out.resolve(), study, found), allow_nan=False))
        return
    from adis_bench.study.prepare_text import as_text

    click.echo(as_text(out.resolve(), study, found))


def _options(given: dict[str, Any]) -> Any:
    from adis_bench.study.prepare_options import PrepareOptions
    from adis_bench.study.records import ScreeningRules
    from adis_bench.study.texts import study_texts

    rules = {name: given.pop(name) for name in RULES}
    if given["gold_rate"] == 0:
        rules["min_gold"] = None  # there is nothing that it could be told from
    files = {name: _text(name, given.pop(name)) for name in ("instructions", "consent")}
    words = {name: given.pop(name) for name in ("title", "question", "contact")}
    texts = study_texts(len(given["methods"]), given["ties"], **files, **words)
    return PrepareOptions(texts=texts, rules=ScreeningRules(**rules), **given)


def _text(option: str, path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = path.expanduser().read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--{option}: {path} cannot be read as text in UTF-8 ({error}); save it anew") from error
    if not text.strip():
        raise ConfigError(f"--{option}: {path} is empty; write the text, or leave the option out for ours")
    return text


def _record(out: Path, study: "Study", estimate: "Mapping[str, Any]") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "study": str(out),
        "n_items": len(study.items),
        "n_methods": study.n_methods,
        "ties_allowed": study.ties_allowed,
        "plan": asdict(study.plan),
        "rules": asdict(study.rules),
        "estimate": estimate,
    }
