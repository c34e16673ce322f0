"""What a study is: ``study.json``, which may be shown to anybody, and ``key.json``, which stays at home."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from adis_bench.errors import DataError
from adis_bench.files import write_json

SCHEMA_VERSION = 1
STUDY_NAME = "study.json"
KEY_NAME = "key.json"
SLOTS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Names of the places on the page, left to right; a study has at most as many methods."""

Reading = Literal["each", "shared"]
"""Of "twenty workers, a total of 1,000 random test samples" (appendix A.3): ``each`` worker ranks every item (20,000 rankings), or the
workers have ``shared`` the items (1,000 rankings, 50 a worker). The paper doesn't say which."""
Kind = Literal["rank", "gold", "repeat"]
Record = TypeVar("Record", "Study", "Key")


@dataclass(frozen=True, slots=True)
class StudyItem:
    """One page of the study; nothing in it tells methods, or what kind of item it is.

    Attributes:
        item_id: opaque, safe as a file name.
        source, sound, spectrogram: paths of media, relative to the study's folder, with slashes.
        images: one path per slot, in the order of ``SLOTS``.
    """

    item_id: str
    source: str
    sound: str
    spectrogram: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who ranks what.

    Attributes:
        reading: of the paper's sentence.
        n_samples: pairs to be ranked, without gold and repeats.
        n_workers: workers wanted.
        n_gold, n_repeats: further items.
        raters: rankings wanted of every item, whatever its kind.
        items_per_worker: the most that one worker is given by our own server.
        gold_rate, repeat_rate: as asked for: shares of ``n_samples``.
        seed: of the sample, the orders and the names.
    """

    reading: Reading
    n_samples: int
    n_workers: int
    n_gold: int
    n_repeats: int
    raters: int
    items_per_worker: int
    gold_rate: float
    repeat_rate: float
    seed: int


@dataclass(frozen=True, slots=True)
class ScreeningRules:
    """When a worker's rankings are left out; fixed before anybody looks at the answers. None turns a rule off.

    Attributes:
        min_gold: least share of gold items on which the right image stands above the wrong one.
        min_gold_items: fewer of them leave nobody out. 4 is ours: of three, a single lapse would be too many for 0.75.
        min_seconds: least median time on an item, in seconds.
        max_same_order: largest share of rankings with one and the same order of the places on the page.
        min_agreement: least mean Kendall's tau-b with the mean ranks of all others on the same items. Off unless asked for: it picks
            workers by the outcome, so that intervals and tests of what is left no longer hold where tastes
            differ (docs/study.md has figures).
        min_rankings: workers with fewer rankings are not asked for their order of places or their agreement: too little to tell.
    """

    min_gold: float | None = 0.75
    min_seconds: float | None = 4.0
    max_same_order: float | None = 0.8
    min_agreement: float | None = None
    min_rankings: int = 5
    min_gold_items: int = 4


@dataclass(frozen=True, slots=True)
class Texts:
    """What participants read; plain text, a blank line between paragraphs.

    Attributes:
        title: of the task, one line.
        question: what they are asked of every item, one line.
        instructions: how to do it.
        consent: what they agree to, that they may stop, and whom to ask.
    """

    title: str
    question: str
    instructions: str
    consent: str


@dataclass(frozen=True, slots=True)
class Study:
    """``study.json``.

    Attributes:
        name: of the folder at its making.
        n_methods: images on a page.
        ties_allowed: whether equal ranks may be given.
        items: in the order in which they are offered; kinds are mixed.
        asset_url: https address (ending in /) under which ``media`` lies for MTurk; empty where none was given.
        reward: dollars for an item, as on MTurk; 0 where nobody is paid.
        run: what the outputs come from: digests of pairs and dataset, protocol; no paths, no method names.
    """

    name: str
    n_methods: int
    ties_allowed: bool
    plan: Plan
    rules: ScreeningRules
    texts: Texts
    items: tuple[StudyItem, ...]
    asset_url: str = ""
    reward: float = 0.0
    run: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def slots(self) -> tuple[str, ...]:
        """``("A", "B", ...)``, one per method."""
        return tuple(SLOTS[: self.n_methods])


@dataclass(frozen=True, slots=True)
class KeyItem:
    """What stands behind an item.

    Attributes:
        kind: ``rank`` items are analysed, ``gold`` items have a known answer, ``repeat`` items were shown before in another order.
        pair_id: of the run.
        label: class of the sound.
        methods: one per slot; on a gold item two of them are controls.
        better, worse: slots of the control that must win and of the one that must lose; gold only, else empty.
        repeats: item_id of the ``rank`` item that a ``repeat`` shows again, else empty.
    """

    kind: Kind
    pair_id: str
    label: str
    methods: tuple[str, ...]
    better: str = ""
    worse: str = ""
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """``key.json``: never served, never uploaded.

    Attributes:
        methods: labels of the compared methods, in the order of the reports.
        displays: name of each class for people.
        items: by item_id.
        secret: hex; pseudonyms of workers are hashes under it.
        run: absolute path of the run, for correlations with its metrics.
        outputs: by label, the digest of what each method's outputs were made by; empty in a key of an older version. It is kept here,
            not in ``study.json``, since lists of known digests can be tried out.
    """

    methods: tuple[str, ...]
    displays: dict[str, str]
    items: dict[str, KeyItem]
    secret: str
    run: str
    outputs: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION


def open_study(folder: Path) -> Study:
    """Read ``study.json``.

    Raises:
        DataError: there is none, or it is damaged or of another schema.
    """
    study = _read(folder / STUDY_NAME, Study)
    strange = [path for item in study.items for path in (item.source, item.sound, item.spectrogram, *item.images) if not _inside(path)]
    if strange or any(len(item.images) != study.n_methods for item in study.items) or not study.items:
        raise DataError(
            f"{folder / STUDY_NAME} is damaged: {strange[0]!r} leaves the folder" if strange else f"{folder / STUDY_NAME} is damaged"
        )
    return study


def open_key(folder: Path) -> Key:
    """Read ``key.json``; arguments and errors as those of ``open_study``."""
    if (folder / STUDY_NAME).is_file() and not has_content(folder / KEY_NAME):
        raise DataError(f"{folder / KEY_NAME} is lost: take key.json from a copy; without it the answers can't be read")
    return _read(folder / KEY_NAME, Key)


def save(folder: Path, study: Study, key: Key) -> None:
    """Write ``key.json`` (readable by its owner only), then ``study.json``, each atomically: a folder with the second is whole."""
    write_json(folder / KEY_NAME, TypeAdapter(Key).dump_python(key, mode="json"), private=True)
    write_json(folder / STUDY_NAME, TypeAdapter(Study).dump_python(study, mode="json"))


def has_content(path: Path) -> bool:
    """Whether a file is there and not empty."""
    return path.is_file() and path.stat().st_size > 0


def _inside(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and "\\" not in path and not any(part in ("", ".", "..") for part in parts)


def _read(path: Path, kind: type[Record]) -> Record:
    if not path.is_file():
        raise DataError(f"{path} is not there; make a study with `adis-bench study prepare RUN --out STUDY`")
    try:
        adapter: TypeAdapter[Record] = TypeAdapter(kind)
        record = adapter.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{path} cannot be read ({str(error).splitlines()[0]}); prepare the study anew, or take it from a copy") from error
    if record.schema_version != SCHEMA_VERSION:
        raise DataError(f"{path} has schema version {record.schema_version}, not {SCHEMA_VERSION}; it comes from another adis-bench")
    return record
