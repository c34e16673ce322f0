"""The folder of a study's report: whole, escaped, replaced at once, and nothing left over."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from adis_bench.errors import DataError
from adis_bench.registry import load
from reports import study_page
from reports.study_page import write_study_report
from tests.reports.study_samples import HOSTILE, alike, bare, chosen, crowded, rich, tiny


class _Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def _page(path):
    return _Page(path.read_text())


def _files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def written(tmp_path):
    """The report of a rich study."""
    return write_study_report(rich(), tmp_path / "report", "adis-bench study report a.csv", {"table": "a.csv", "digest": "f" * 64})


def test_every_link_leads_to_a_file(written):
    """All pictures, plots and tables are there, and all that is there is linked."""
    addresses = set()
    for _, attributes in _page(written).tags:
        addresses |= {attributes.get("href"), attributes.get("src"), attributes.get("srcset")} - {None}
    local = {address for address in addresses if not address.startswith("#")}
    assert local == _files(written.parent) - {"index.html", "media/named.json"}
    assert len([name for name in local if name.startswith("figures/")]) == len(study_page.DRAWN)
    assert len([name for name in local if name.endswith(".csv")]) == len([name for name in local if name.endswith(".tex")]) == 15
    assert all(f'id="{address[1:]}"' in written.read_text() for address in addresses - local)


def test_it_tells_the_story_in_order(written):
    """The answer leads, then warnings, points, differences, agreement, and provenance comes last."""
    text = written.read_text()
    places = [text.index(part) for part in ('class="answer"', 'id="points"', 'id="differences"', 'id="metrics"', 'id="agreement"')]
    places += [text.index(part) for part in ('id="screening"', 'id="rejected"', 'id="computed"', 'id="provenance"')]
    assert places == sorted(places)


def test_nothing_comes_from_elsewhere(written):
    """The policy forbids it, and no address leaves the folder; the SVGs hold none that a viewer would load."""
    page = _page(written)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href|srcset)=\"(?:https?:)?//", written.read_text())
    for svg in written.parent.rglob("*.svg"):
        assert not re.search(r"(?:xlink:href|href|url\()=?\"?https?:", svg.read_text())


def test_the_results_are_beside_it(written):
    """Unrounded."""
    found = json.loads((written.parent / "study_results.json").read_text())
    assert [one["mean_points"] for one in found["methods"]] == [one.mean_points for one in rich().methods]
    assert found["plackett_luce"]["strengths"][0]["worth"] == rich().plackett_luce.strengths[0].worth


def test_provenance(written):
    """Command, table, plan, digests, seed of the resamples, versions."""
    text = _page(written).text
    for part in ("adis-bench study report a.csv", "f" * 64, "d" * 64, "demo-study", "200, seed 0", "numpy"):
        assert part in text


def test_workers_are_pseudonyms_and_say_nothing(written):
    """No worker's own name is in any file; comments are not either."""
    for path in written.parent.rglob("*"):
        if path.is_file():
            assert not re.search(r"\bw1?[0-9]\b(?!\.org)", path.read_text())
    assert "Comments of workers are not part of this report." in _page(written).text


@pytest.mark.parametrize("results", [bare(), tiny(), replace(rich(), metrics=None, undefined={**rich().undefined, "metrics": "no run"})])
def test_what_is_missing_is_said(results, tmp_path):
    """Sections that don't apply go, values that aren't defined have their reason, and no None or NaN is shown."""
    text = _page(write_study_report(results, tmp_path / "report")).text
    assert not re.search(r"\b(?:None|nan|NaN)\b", text)
    for name in ("krippendorff_alpha", "friedman", "metrics"):
        if name in results.undefined:
            assert f"not defined: {results.undefined[name].removeprefix('undefined: ')}" in text.replace("Not", "not")
    if not results.study:
        assert "The table came without its study" in text


def test_the_answers_that_were_read_add_up(written, tmp_path):
    """Analysed, gold, repeats and every reason are the parts of one sum, and the page shows it; what doesn't add up is said."""
    results, text = rich(), _page(written).text
    parts = [results.n_rankings, results.n_gold, results.n_repeats, *(one.count for one in results.rejected)]
    assert results.n_answers == sum(parts)
    assert min(parts) > 0
    assert f"{results.n_answers} answers were read, of which {results.n_rankings} are in the numbers above." in text
    assert f"the sum: {' + '.join(map(str, parts))}" in text
    assert "unaccounted" not in text
    lost = write_study_report(replace(results, n_answers=results.n_answers + 2), tmp_path / "lost")
    assert re.search(r"unaccounted\s*2\b", _page(lost).text)
    assert "Every ranking of the table is counted." in _page(write_study_report(bare(), tmp_path / "bare")).text


def test_workers_chosen_by_their_answers_are_said_beside_every_agreement(written, tmp_path):
    """Alpha and W stand with the remark that they are conditional, but only where the rule is on."""
    assert "people at large" not in _page(written).text
    page = _page(write_study_report(chosen(rich()), tmp_path / "chosen")).text
    assert page.count("Conditional on the rule min_agreement, not for people at large.") == 2
    assert "All of them are conditional on the rule min_agreement" in page


def test_rankings_that_are_all_alike_are_not_defined(tmp_path):
    """Means, differences and strengths say that they have no interval, and why."""
    page = _page(write_study_report(alike(), tmp_path / "report"))
    cells = re.findall(r"interval not defined", page.text)
    assert len(cells) == 3 + 3 + 3
    assert page.text.count("Intervals that are not defined: all rankings are alike, there is no scatter to judge by.") == 2
    assert "Intervals that are not defined: ours stands above all others in every ranking" in page.text


def test_more_methods_than_a_page_can_show(tmp_path):
    """Long tables and plots of cells are left out and said to be; the files have every number."""
    path = write_study_report(crowded(), tmp_path / "report")
    page = _page(path)
    assert "1,770 rows of 5 columns are too many for this page. The files have them." in page.text
    assert "are not drawn of more than 26 methods" in page.text
    assert [tag for tag, _ in page.tags].count("tr") < 600
    assert len((path.parent / "tables" / "differences.csv").read_text().splitlines()) == 1 + 1770
    assert len((path.parent / "tables" / "mean_points.csv").read_text().splitlines()[0].split(",")) == 4 + 60


def test_two_methods_are_enough(tmp_path):
    """The smallest comparison has a page, too."""
    assert "of at most 2 points" in _page(write_study_report(bare(20, 12, (1.0, -1.0)), tmp_path / "report")).text


def test_hostile_text_is_escaped(tmp_path):
    """Labels, classes, names and reasons are text and nothing else, everywhere on the page."""
    results = rich(HOSTILE, ("</style><script>alert(2)</script>", "b"))
    study = {**results.study, "name": "<script>alert(3)</script>", "displays": {"b": "<img src=x onerror=alert(4)>"}}
    page = _page(write_study_report(replace(results, study=study), tmp_path / "report", "<script>alert(5)</script>", {"<b>": "</dl>"}))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert [attributes for tag, attributes in page.tags if tag == "img" and "onerror" in attributes] == []
    assert "alert(4)" in page.text
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text


def test_a_second_report_replaces_the_first(written):
    """What only the first had is gone; the same results give the same bytes; foreign files stay."""
    folder = written.parent
    mine = folder / "tables" / "My notes.csv"
    mine.write_text("mine")
    (folder / "figures" / ".tmp-abcd1234.svg").write_text("left by a stopped writer")
    write_study_report(bare(), folder)
    assert not (folder / "figures" / "metrics.svg").exists()
    assert not (folder / "tables" / "workers.csv").exists()
    assert not (folder / "figures" / ".tmp-abcd1234.svg").exists()
    assert mine.read_text() == "mine"
    mine.unlink()
    first = {name: (folder / name).read_bytes() for name in _files(folder)}
    write_study_report(bare(), folder)
    assert {name: (folder / name).read_bytes() for name in _files(folder)} == first


def test_the_page_is_replaced_last(written, monkeypatch):
    """A writer that stops before it leaves the old page, with all that it shows."""
    before = written.read_text()
    monkeypatch.setattr(study_page, "printing_environment", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_study_report(bare(), written.parent)
    assert written.read_text() == before
    shown = [a["src"] for tag, a in _page(written).tags if tag == "img"]
    assert all((written.parent / address).is_file() for address in shown)


@pytest.mark.parametrize("taken", ["media", "index.html", "tables", "figures", "study_results.json"])
def test_other_peoples_folders_are_refused(taken, tmp_path):
    """Nothing of a folder that isn't ours is touched."""
    path = tmp_path / taken
    path.write_text("{}") if "." in taken else path.mkdir()
    with pytest.raises(DataError, match=f"holds {taken} of something else"):
        write_study_report(bare(), tmp_path)
    assert [found.name for found in tmp_path.iterdir()] == [taken]


def test_a_damaged_record_is_not_ours(written):
    """A file of that name with other content guards the folder."""
    (written.parent / "study_results.json").write_text(json.dumps({"schema_version": 1}))
    with pytest.raises(DataError, match="choose another folder"):
        write_study_report(bare(), written.parent)


def test_it_is_a_plug_in():
    """The command finds it by name."""
    assert load("reports", "study") is write_study_report
