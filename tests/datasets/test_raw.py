"""Scanning a folder and its manifest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adis_bench.datasets.raw import display, scan, slug
from adis_bench.errors import DataError

HEADER = "path,kind,class,source_id,note\n"


def _manifest(src, rows, header=HEADER):
    (src / "manifest.csv").write_text(header + "".join(rows))


def _all_rows(src):
    rows = []
    for side, kind in (("images", "image"), ("audio", "audio")):
        paths = sorted((src / side).glob("*/*"))
        rows += [f"{path.relative_to(src).as_posix()},{kind},{path.parent.name},id-{path.stem},\n" for path in paths]
    return rows


def _faults(folder):
    return [str(fault) for fault in folder.faults]


@given(st.text(max_size=200))
def test_slugs_are_safe(text):
    """Whatever a class is called, its machine form is a plain, short file name."""
    name = slug(text)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert display(text).isprintable()
    assert display(text)


def test_slug_and_display():
    """Accents, spaces and dashes go; names in other scripts get a stable, distinct form; people read spaces."""
    assert slug("Crunching Snow!") == "crunching_snow"
    assert slug("bruit d'été") == "bruit_d_ete"
    assert slug("雨") != slug("雪")
    assert display("birds_chirping") == "birds chirping"
    assert display("雨") == "雨"


def test_files_have_classes_and_are_their_own_source(folder):
    """Without a manifest every file is a source of its own; hidden files are ignored and counted."""
    src = folder()
    (src / "images" / "rain" / ".DS_Store").write_text("x")
    found = scan(src)
    assert found.displays == {"crunching_snow": "Crunching Snow", "rain": "rain"}
    assert len(found.files) == 20
    assert all(file.source == file.name for file in found.files)
    assert (found.faults, found.n_ignored, found.has_manifest) == ((), 1, False)


def test_the_manifest_gives_sources(folder):
    """Files take the manifest's source_id; an empty one leaves the file its own source; other kinds are ignored."""
    src = folder(n_images=2, n_sounds=2)
    rows = _all_rows(src)
    rows[0] = rows[0].replace("id-0", "")
    _manifest(src, [*rows, "film.mp4,video,rain,film,\n"])
    found = scan(src)
    assert found.faults == ()
    assert found.n_ignored == 1
    assert [file.source for file in found.files][:2] == [found.files[0].name, "id-1"]


def test_a_manifest_elsewhere_is_relative_to_the_folder(folder, tmp_path):
    """`--manifest` names the file; its paths are still those of the folder."""
    src = folder(n_images=2, n_sounds=2)
    _manifest(src, _all_rows(src))
    elsewhere = (src / "manifest.csv").rename(tmp_path / "mine.csv")
    assert {file.source for file in scan(src, elsewhere).files} == {"id-0", "id-1"}
    with pytest.raises(DataError, match="no manifest"):
        scan(src, tmp_path / "other.csv")


def test_a_manifest_without_columns_is_a_clear_error(folder):
    """The missing columns are counted and named."""
    src = folder()
    _manifest(src, [], header="path,kind,note\n")
    with pytest.raises(DataError, match=r"manifest\.csv lacks 2 of 4 columns: class, source_id"):
        scan(src)
    (src / "manifest.csv").write_text("")
    with pytest.raises(DataError, match="lacks 4 of 4 columns"):
        scan(src)


def test_a_cut_manifest_is_found(folder):
    """A last row that lost its end, and the files whose rows are lost, are listed one by one."""
    src = folder(("rain", "ocean"), n_images=2, n_sounds=2)
    rows = _all_rows(src)
    _manifest(src, [*rows[:5], rows[5][:20]])
    assert _faults(scan(src)) == [
        "manifest.csv row 7: 2 of 5 cells; the row is cut or has a stray comma",
        "audio/ocean/1.wav: no usable row in manifest.csv: what it was cut from is unknown",
        "audio/rain/0.wav: no usable row in manifest.csv: what it was cut from is unknown",
        "audio/rain/1.wav: no usable row in manifest.csv: what it was cut from is unknown",
    ]


def test_a_manifest_cut_within_quotes_is_a_clear_error(folder):
    """A cell that never ends is a DataError, not a row with the rest of the file in it."""
    src = folder(n_images=2, n_sounds=2)
    _manifest(src, [*_all_rows(src), 'images/rain/0.png,image,"ra'])
    with pytest.raises(DataError, match="cannot be read .* may be cut"):
        scan(src)


def test_rows_must_name_files_of_the_folder(folder):
    """Missing files, wrong classes and contradictions are listed with their reasons."""
    src = folder(("rain", "ocean"), n_images=1, n_sounds=1)
    rows = [row.replace("audio,ocean", "audio,rain") for row in _all_rows(src)]
    _manifest(src, [*rows, "images/rain/9.png,image,rain,x,\n", rows[0].replace("id-0", "id-7")])
    assert _faults(scan(src)) == [
        "manifest.csv row 7: images/ocean/0.png has another row that says something else",
        "audio/ocean/0.wav: manifest.csv says audio of class 'rain'",
        "images/rain/9.png: named in manifest.csv, but not there",
    ]


@pytest.mark.parametrize("path", ["../secret.png", "/etc/passwd", "images/../../x.png", "C:/x.png", "..\\x.png", ""])
def test_manifest_paths_cannot_leave_the_folder(folder, path):
    """Paths that lead elsewhere are refused, not opened."""
    src = folder(n_images=2, n_sounds=2)
    _manifest(src, [*_all_rows(src), f"{path},image,rain,x,\n"])
    assert [fault.kind for fault in scan(src).faults] == ["outside"]


def test_links_cannot_leave_the_folder(folder, tmp_path):
    """Links to files and folders elsewhere are faults; links within the folder are fine; dead ones are named."""
    src = folder(n_images=2, n_sounds=2)
    (tmp_path / "secret.png").write_bytes(b"x")
    (src / "images" / "rain" / "link.png").symlink_to(tmp_path / "secret.png")
    (src / "audio" / "everything").symlink_to(tmp_path)
    (src / "images" / "rain" / "inner.png").symlink_to(src / "images" / "rain" / "0.png")
    (src / "images" / "rain" / "dead.png").symlink_to(src / "images" / "rain" / "none.png")
    found = scan(src)
    assert sorted((fault.kind, fault.where) for fault in found.faults) == [
        ("missing", "images/rain/dead.png"),
        ("outside", "audio/everything"),
        ("outside", "images/rain/link.png"),
    ]
    assert "images/rain/inner.png" in {file.name for file in found.files}
    assert all(file.path.resolve().is_relative_to(src.resolve()) for file in found.files)


def test_misplaced_files_are_listed(folder):
    """Files outside class folders, folders within them and two folders of one class are faults."""
    src = folder(n_images=2, n_sounds=2)
    (src / "images" / "loose.png").write_bytes(b"x")
    (src / "audio" / "rain" / "more").mkdir()
    (src / "images" / "crunching-snow").mkdir()
    assert sorted(fault.where for fault in scan(src).faults) == ["audio/rain/more", "images/crunching-snow", "images/loose.png"]


def test_nothing_to_import_is_a_clear_error(folder, tmp_path):
    """A folder without images/ or audio/, and an empty one, are refused with what is expected."""
    with pytest.raises(DataError, match="no folder images and no folder audio; expected images/<class>"):
        scan(tmp_path)
    src = folder(n_images=0)
    with pytest.raises(DataError, match="no folder images"):
        scan(src)
    (src / "images" / "rain").mkdir(parents=True)
    with pytest.raises(DataError, match="no images under"):
        scan(src)
