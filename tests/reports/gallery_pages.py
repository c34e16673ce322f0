"""Runs of many pairs, and a page that shows nothing but the gallery of a run."""

import os
from dataclasses import asdict, replace

import jinja2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.files import write_text
from adis_bench.results import PER_PAIR_NAME, PairScore, write_results
from reports import gallery
from reports.data import RunData
from reports.html import asset, environment
from reports.media import MediaFolder
from reports.style import css_variables, tones
from tests.reports.conftest import CONTROLS, LABELS, RATE_HZ, SIDE, results_of

PAGE = """{% import "_gallery.html.j2" as parts %}<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'; media-src 'self'; style-src {{ styles | map(attribute="hash") | join(" ") }}; script-src {{ scripts | map(attribute="hash") | join(" ") }}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>gallery</title>
{% for style in styles %}<style>{{ style.text }}</style>{% endfor %}</head>
<body><main><h1>A report</h1><p><a href="#below">down</a></p><table><caption>first table</caption><tr><th scope="col">a</th></tr><tr><td>1</td></tr></table>
{{ parts.gallery(g, tones) }}<h2 id="below">Below</h2><p id="links">{% for link in links %}<a href="{{ link }}">a pair</a> {% endfor %}</p></main>
{{ parts.gallery_data(g) }}
{% for script in scripts %}<script>{{ script.text }}</script>
{% endfor %}</body></html>
"""  # noqa: E501


def write_gallery_page(run_dir, options=gallery.DEFAULTS):
    """Write ``report/index.html`` with the gallery alone; gives the path and the record."""
    run = RunData.open(run_dir)
    media = MediaFolder(run.folder / "report")
    g = gallery.build_gallery(run, media, options)
    templates = environment().overlay(loader=jinja2.ChoiceLoader([environment().loader, jinja2.DictLoader({"page": PAGE})]))
    page = templates.get_template("page").render(
        g=g,
        tones=tones(run.methods),
        styles=[asset("report.css", before=css_variables()), asset(gallery.STYLE)],
        scripts=[asset(name) for name in gallery.SCRIPTS],
        links=[gallery.pair_link(run.pairs[-1].pair_id)] if run.pairs else [],
    )
    path = run.folder / "report" / "index.html"
    write_text(path, page)
    media.prune()
    return path, g


def smooth_pictures(rng, n, side=SIDE):
    """uint8 [n, side, side, 3]: a few waves of colour each, which compress as photographs do."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = rng.uniform(0, 6, (n, 3, 2, 1, 1))
    pictures = np.sin(6 * (waves[:, :, 0] * x + waves[:, :, 1] * y)) + rng.normal(0, 0.12, (n, 3, side, side))
    return (127 + 90 * pictures).clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def write_many(run_dir, n_pairs, methods, n_sounds=None, n_sources=24):
    """A run of ``n_pairs`` pairs with random outputs, sounds and scores; every output of a method is one of 40 pictures."""
    rng = np.random.default_rng(3)
    names = list(LABELS)
    n_sounds = n_sounds or n_pairs
    for place, picture in enumerate(smooth_pictures(rng, n_sources)):
        write_png(run_dir / "media" / f"{place}.png", picture)
    for place in range(n_sounds):
        tone = np.sin(np.arange(3 * RATE_HZ) * rng.uniform(0.02, 0.5)) + rng.normal(0, 0.3, 3 * RATE_HZ)
        write_wav(run_dir / "media" / f"{place}.wav", (0.2 * tone).astype(np.float32), RATE_HZ)
    rows = [
        {
            "pair_id": f"{names[i % 4]}-to-{names[(i + 1 + i // 4 % 3) % 4]}-{i:05d}",
            "source_label": names[i % 4],
            "source_path": str(run_dir / "media" / f"{i % n_sources}.png"),
            "target_label": names[(i + 1 + i // 4 % 3) % 4],
            "target_audio_path": str(run_dir / "media" / f"{i % n_sounds}.wav"),
        }
        for i in range(n_pairs)
    ]
    every = (*CONTROLS, *methods)
    for turn, method in enumerate(every):
        for place, picture in enumerate(smooth_pictures(rng, 40)):
            write_png(run_dir / "pool" / method / f"{place}.png", picture)
        (run_dir / "outputs" / method).mkdir(parents=True)
        for place, row in enumerate(rows):
            # Links: thousands of files in a second.
            picture = (7 * place + turn * (place // 40)) % 40
            os.link(run_dir / "pool" / method / f"{picture}.png", run_dir / "outputs" / method / f"{row['pair_id']}.png")
    write_scores(run_dir, rows, every, rng)
    pq.write_table(pa.Table.from_pylist(rows), run_dir / "pairs.parquet")
    return rows


def write_scores(run_dir, rows, methods, rng, further=()):
    """Random scores for these methods on every metric of the synthetic run that scores pairs, and ``further`` ones."""
    results = results_of(run_dir, len(rows), LABELS)
    records = {m.label: m for m in results.methods}
    listed = tuple(records.get(label) or replace(records["ours"], label=label, name=label) for label in methods)
    metrics = [m.name for m in results.metrics if m.kind == "pair"]
    scores = [
        PairScore(row["pair_id"], method, metric, float(value), None)
        for metric in metrics
        for method in methods
        for row, value in zip(rows, rng.normal(0.4, 0.2, len(rows)), strict=True)
    ]
    write_results(run_dir, replace(results, methods=listed), [*scores, *further])


def only_some_scores(run_dir, changed):
    """Put these scores in place of the run's."""
    path = run_dir / PER_PAIR_NAME
    kept = {(row["pair_id"], row["method"], row["metric"]): row for row in pq.read_table(path).to_pylist()}
    kept |= {(score.pair_id, score.method, score.metric): asdict(score) for score in changed}
    pq.write_table(pa.Table.from_pylist(list(kept.values())), path)
