"""Every figure and table that the paper's appendix describes, made anew by the commands that anybody can give one by one."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from adis_bench.configuration import load_preset
from adis_bench.datasets.demo import world
from adis_bench.errors import ConfigError
from adis_bench.files import make_folder
from adis_bench.registry import unknown
from reports.drawing import PAPER_MEDIA

METHODS = ("ours", "cut", "cyclegan")
"""Those of the run, and, with ``identity``, the four of the study: ranks went from 1 to 4 (protocol.md, A)."""
N_IMAGES, N_SOUNDS = 8, 16
"""Ours: of the generalization run; two sounds of each of the eight classes, and a figure shows a few of the images."""
STRENGTHS = (1.0, 0.5, 0.0, -0.5)
"""Ours, made up: what the invented workers of the study prefer, in units of the noise of a ranking, in the order of the methods."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for.

    Attributes:
        out: folder for everything; an absolute path.
        preset: of the run.
        table1_preset: of the trainings of Table 1.
        n_seeds: trainings of each of its variants.
        data: a dataset in place of the demo world, or None.
        images, sounds: folders for the generalization grid, both or none; without them scenes and sounds of another demo world stand in.
        column: width of the figures, a name of ``reports.drawing.PAPER_MEDIA``.
        n_samples, n_workers: size of the study.
        seed: of everything random.
        device: torch device.
    """

    out: Path
    preset: str
    table1_preset: str
    n_seeds: int
    data: Path | None
    images: Path | None
    sounds: Path | None
    column: str
    n_samples: int
    n_workers: int
    seed: int
    device: str


@dataclass(frozen=True, slots=True)
class Step:
    """A figure or table, and how it is made.

    Attributes:
        name: of the step, and of its anchor on the page.
        title: what it is called.
        note: what it shows, what is made up in it, and how it departs from the original, in sentences.
        commands: to be given one after the other, without the leading ``adis-bench``.
        links: what it leaves, relative to the plan's folder, by what it is called.
        pictures: folder of its figures (one that ``adis-bench figures`` wrote), relative; empty where there are none.
        needs: steps that must have worked.
        before: what is done before the commands and no command does, in a sentence; empty where there is nothing.
    """

    name: str
    title: str
    note: str
    commands: tuple[tuple[str, ...], ...]
    links: dict[str, str] = field(default_factory=dict)
    pictures: str = ""
    needs: tuple[str, ...] = ()
    before: str = ""


def steps(plan: Plan) -> tuple[Step, ...]:
    """All steps, in the order in which they are done.

    Raises:
        ConfigError: an unknown column or preset, or images without sounds, or the other way round.
    """
    if plan.column not in PAPER_MEDIA:
        raise ConfigError(unknown("column", plan.column, list(PAPER_MEDIA)))
    # Its own step comes last, hours later perhaps.
    load_preset(plan.table1_preset)
    if (plan.images is None) != (plan.sounds is None):
        raise ConfigError("--images and --sounds go together: the grid pairs every image with every sound; give both or none")
    dataset, qualitative, scores = _run_figures(plan)
    # Table 1 last: it takes longest.
    return (_run(plan), dataset, _study(plan), qualitative, _generalization(plan), scores, _predictable(plan), _table1(plan))


def _run(plan: Plan) -> Step:
    data = () if plan.data is None else ("--data", str(plan.data))
    command = ("run", "--methods", ",".join(METHODS), "--preset", plan.preset, *data, *_common(plan), "--out", _at(plan, "run"))
    note = (
        "The methods and their controls on one list of pairs, which the figures below show. The paper's own main table is not known here."
    )
    links = {"report": "run/report/index.html", "results": "run/results.json"}
    tables = ("tables", _at(plan, "run"), "--out", _at(plan, "tables"))
    return Step("run", "The methods, scored", note, (command, tables), links)


def _run_figures(plan: Plan) -> tuple[Step, Step, Step]:
    return (
        Step(
            "figure-1",
            "Figure 1: the dataset",
            "Durations and categories. In the appendix they are those of Into the Wild; here they are those of the data that was scored.",
            (_figures(plan, "run", "figure-1", "dataset"),),
            pictures="figure-1",
            needs=("run",),
        ),
        Step(
            "figure-3",
            "Figure 3: qualitative comparison",
            "Pairs drawn by the run's seed, not picked. The appendix compares the paper's method with baselines and ablations; its "
            "pictures and their choice are not known here.",
            (_figures(plan, "run", "figure-3", "qualitative"),),
            pictures="figure-3",
            needs=("run",),
        ),
        Step(
            "scores",
            "Scores, differences, wins",
            "Not in the appendix: plots of the run with their intervals.",
            (_figures(plan, "run", "scores", "scores,differences,wins,pareto"),),
            pictures="scores",
            needs=("run",),
        ),
    )


def _generalization(plan: Plan) -> Step:
    foreign, world_of_run = _at(plan, "generalization/data"), _at(plan, "generalization/train-data")
    images, sounds = plan.images or plan.out / STAND_IN / "images", plan.sounds or plan.out / STAND_IN / "sounds"
    at_most = () if plan.images else ("--n-images", str(N_IMAGES), "--n-sounds", str(N_SOUNDS))
    train_data = str(plan.data) if plan.data else world_of_run
    made = "" if plan.images else " Scenes and sounds of a demo world with another seed stand in for Places and VGG-Sound."
    out_of_domain = ("data", "out-of-domain", "--images", str(images), "--sounds", str(sounds), *at_most, "--out", foreign)
    run = ("run", "--data", foreign, "--train-data", train_data, "--preset", plan.preset, "--methods", "ours", *_common(plan))
    return Step(
        "figure-4",
        "Figure 4: generalization",
        f"Images and sounds that have nothing to do with each other: every row is an image, every column a sound.{made}",
        (
            *(() if plan.data else (_demo_world(plan, world_of_run),)),
            out_of_domain,
            (*run, "--out", _at(plan, "generalization/run")),
            _figures(plan, "generalization/run", "figure-4", "generalization"),
        ),
        {"report": "generalization/run/report/index.html"},
        pictures="figure-4",
        needs=("run",),
        before="" if plan.images else _STAND_IN_WORDS.format(n=_N_SCENES, seed=_stand_in_seed(plan)),
    )


def _demo_world(plan: Plan, out: str) -> tuple[str, ...]:
    """The demo world of the run as a folder, so that the methods trained on it are found."""
    recipe = load_preset(plan.preset).demo
    sizes = ("--train", str(recipe.n_train), "--judge", str(recipe.n_judge), "--test", str(recipe.n_test))
    return ("data", "demo", *sizes, "--seed", str(recipe.seed), "--out", out)


def _table1(plan: Plan) -> Step:
    data = () if plan.data is None else ("--data", str(plan.data))
    command = ("table1", "--preset", plan.table1_preset, "--seeds", str(plan.n_seeds), *data, *_common(plan), "--out", _at(plan, "table1"))
    note = "The sound encoder from scratch, from SeLaVi and from Wav2CLIP, each trained anew. The published numbers stand apart."
    links = {"page": "table1/table1.html", "LaTeX": "table1/table1.tex", "CSV": "table1/table1.csv"}
    return Step("table-1", "Table 1: pretraining of the sound encoder", note, (command,), links)


def _study(plan: Plan) -> Step:
    study, answers, compared = _at(plan, "study"), _at(plan, "study-answers.csv"), (*METHODS, "identity")
    size = ("--samples", str(plan.n_samples), "--workers", str(plan.n_workers), "--seed", str(plan.seed))
    prepare = (
        "study",
        "prepare",
        _at(plan, "run"),
        "--methods",
        ",".join(compared),
        *size,
        "--contact",
        "nobody@example.org",
        "--out",
        study,
    )
    strengths = ",".join(map(str, STRENGTHS))
    simulate = (
        "study",
        "simulate",
        "--study",
        study,
        "--strengths",
        strengths,
        "--studies",
        "0",
        "--seed",
        str(plan.seed),
        "--out",
        answers,
    )
    report = ("study", "report", answers, "--study", study, "--out", _at(plan, "study-report"))
    return Step(
        "figure-2",
        "Figure 2 and the human study: page and scores",
        "The page on which people rank, and the scores of a study. The answers are made up: no person has taken part, and invented workers "
        f"prefer {' to '.join(compared)} because they were told to. How the original page looked is not known here.",
        (prepare, simulate, report),
        {
            "page to rank on": "study/preview.html",
            "template for Mechanical Turk": "study/template.html",
            "scores": "study-report/index.html",
        },
        needs=("run",),
    )


def _predictable(plan: Plan) -> Step:
    command = ("sweep", _at(plan, "run"), "--methods", "ours", "--seed", str(plan.seed))
    return Step(
        "sweeps",
        "Volume and mixture",
        "The abstract says that volume and mixture of sounds change the style predictably: rank correlations of gain and of weight with "
        "the style's score.",
        (command, _figures(plan, "run", "sweeps", "sweeps")),
        pictures="sweeps",
        needs=("run",),
    )


def _figures(plan: Plan, run: str, out: str, names: str) -> tuple[str, ...]:
    return ("figures", _at(plan, run), "--figure", names, "--column", plan.column, "--out", _at(plan, out))


def _common(plan: Plan) -> tuple[str, ...]:
    return ("--seed", str(plan.seed), "--device", plan.device)


def _at(plan: Plan, name: str) -> str:
    return str(plan.out / name)


STAND_IN = "generalization/stand-in"
_N_SCENES = 40
"""Ours: five of each class in the stand-in, more than are shown, so that the importer has a choice."""
_STAND_IN_WORDS = (
    "the test split of `adis-bench data demo --train 8 --judge 8 --test {n} --seed {seed}` is sorted into "
    "images/ (no classes) and sounds/<class>/"
)


def make_stand_in(plan: Plan) -> None:
    """Scenes (without classes) and sounds (by class) of a demo world with another seed, as ``data out-of-domain`` takes them."""
    folder = plan.out / STAND_IN
    made = world.make(folder / "world", n_train=8, n_judge=8, n_test=_N_SCENES, seed=_stand_in_seed(plan))
    make_folder(folder / "images")
    for segment in made.split("test").segments:
        _copy(segment.frame_paths[:1], folder / "images")
        _copy([segment.audio_path], folder / "sounds" / segment.label)


def _copy(files: Iterable[Path], folder: Path) -> None:
    make_folder(folder)
    for file in files:
        shutil.copyfile(file, folder / file.name)


def _stand_in_seed(plan: Plan) -> int:
    """Another one than that of the world on which the methods were trained."""
    return load_preset(plan.preset).demo.seed + 1
