"""A small made-up study with media, for tests of all that follows after `study prepare`; no run is needed."""

from pathlib import Path

import numpy as np

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.study.records import SLOTS, Key, KeyItem, Kind, Plan, Reading, ScreeningRules, Study, StudyItem, Texts, save

METHODS = ("ours", "cut", "cyclegan", "munit", "stylegan", "adain")
LABELS = ("ocean", "rain", "gravel")
SECRET = "5eed" * 16
SIDE = 48  # pixels
SOUND_S = 0.25
RATE_HZ = 8000

TEXTS = Texts(
    title="Rank images by how well they fit a sound",
    question="Which image fits the sound best?",
    instructions="Listen to the sound.\n\nThen put the images in order, the best fitting one first.",
    consent="We record your rankings and times. You may stop at any time.\n\nAsk lab@example.org.",
)


def make_study(
    folder: Path,
    k: int = 4,
    n_items: int = 6,
    n_gold: int = 1,
    n_repeats: int = 1,
    *,
    ties: bool = False,
    raters: int = 2,
    reading: Reading = "each",
    seed: int = 0,
    asset_url: str = "",
    rules: ScreeningRules | None = None,
    run: str = "",
) -> tuple[Study, Key]:
    """A saved study of ``n_items`` items to be ranked, with gold items and repeats among them.

    Items are called ``it-<8 hex>``, images ``media/<12 hex>.png``; every picture is of one colour of its own.

    Args:
        folder: where it is written, made if it isn't there.
        k: methods, the first of ``METHODS``, 2 to 6.
        n_items: items to be ranked.
        n_gold: items with a known answer.
        n_repeats: items shown again: the first repeat shows the first item, and so on.
        ties: whether equal ranks are allowed.
        raters: rankings wanted of every item; with the reading ``each`` as many workers.
        reading: of the paper's sentence.
        seed: of names, orders and pictures.
        asset_url: address of the media.
        rules: of screening, by default the defaults.
        run: path of a run, for the key.
    """
    rng = np.random.default_rng([seed, k, n_items])
    methods = METHODS[:k]
    orders = [tuple(methods[j] for j in rng.permutation(k)) for _ in range(n_items + n_gold)]
    facts = [KeyItem("rank", f"pair-{i}", LABELS[i % len(LABELS)], orders[i]) for i in range(n_items)]
    facts += [_gold(f"pair-gold-{i}", orders[n_items + i]) for i in range(n_gold)]
    ids = [f"it-{rng.bytes(4).hex()}" for _ in range(n_items + n_gold + n_repeats)]
    for i in range(n_repeats):
        first = facts[i]
        facts.append(KeyItem("repeat", first.pair_id, first.label, first.methods[::-1], repeats=ids[i]))
    items = tuple(_item(folder, name, k, rng) for name in ids)
    shown = [items[j] for j in rng.permutation(len(items))]
    n_workers = raters if reading == "each" else max(2, raters)
    plan = Plan(reading, n_items, n_workers, n_gold, n_repeats, raters, len(items), n_gold / n_items, n_repeats / n_items, seed)
    study = Study(folder.name, k, ties, plan, rules or ScreeningRules(), TEXTS, tuple(shown), asset_url=asset_url, reward=0.05)
    key = Key(methods, {label: label for label in LABELS}, dict(zip(ids, facts, strict=True)), SECRET, run)
    save(folder, study, key)
    return study, key


def _gold(pair_id: str, order: tuple[str, ...]) -> KeyItem:
    """The first two places show the controls, the wrong one first."""
    kind: Kind = "gold"
    return KeyItem(kind, pair_id, LABELS[0], ("shuffled", "target", *order[2:]), better=SLOTS[1], worse=SLOTS[0])


def _item(folder: Path, item_id: str, k: int, rng: np.random.Generator) -> StudyItem:
    images = tuple(_picture(folder, rng) for _ in range(k))
    sound = f"media/{rng.bytes(6).hex()}.wav"
    times = np.arange(round(SOUND_S * RATE_HZ)) / RATE_HZ
    write_wav(folder / sound, (0.3 * np.sin(2 * np.pi * rng.uniform(200, 2000) * times)).astype(np.float32), RATE_HZ)
    return StudyItem(item_id, _picture(folder, rng), sound, _picture(folder, rng), images)


def _picture(folder: Path, rng: np.random.Generator) -> str:
    name = f"media/{rng.bytes(6).hex()}.png"
    write_png(folder / name, np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), (SIDE, SIDE, 3)).copy())
    return name
