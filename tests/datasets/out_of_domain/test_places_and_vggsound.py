"""Listing Places365 and VGG-Sound, before anything is decoded."""

from pathlib import Path

import pytest

from adis_bench.datasets.out_of_domain.choices import load_choices
from adis_bench.datasets.out_of_domain.places import category_key, places_offer
from adis_bench.datasets.out_of_domain.vggsound import read_rows, vggsound_offer
from adis_bench.errors import DataError

CHOICES = load_choices()


def _touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


@pytest.mark.parametrize("name", ["/f/field/wild", "field/wild", "field-wild", "field_wild", "f/field/wild"])
def test_one_form_for_a_category(name):
    """The list, the archive's folders and nested folders name a category differently."""
    assert category_key(name) == "field_wild"
    assert category_key("/a/alley") == category_key("alley") == "alley"


@pytest.mark.parametrize("layout", ["places365_standard/val/{}", "val/{}", "{}", "{}/deeper"])
def test_the_layouts_of_places(tmp_path, layout):
    """The archive's folder, the split's folder and a folder of categories give the wanted categories, and no others."""
    names = {"beach": "beach", "field-wild": "field_wild", "kitchen": ""}
    if "deeper" in layout:
        layout, names = "{}", {"beach": "beach", "field/wild": "field_wild", "kitchen": ""}
    for name in names:
        _touched(tmp_path / layout.format(name) / "1.jpg", tmp_path / layout.format(name) / "notes.txt")
    offer = places_offer(tmp_path, "val", CHOICES, own_choice=False)
    assert [c.label for c in offer.candidates] == ["beach", "field_wild"]
    assert offer.displays == {"beach": "beach", "field_wild": "field wild"}
    assert offer.notes["categories_by"] == "the suite's choice"
    assert (offer.notes["n_of_other_categories"], offer.notes["n_ignored"]) == (1, 3)
    assert "snowfield" in offer.notes["categories_without_images"]


def test_the_wanted_split_is_taken(tmp_path):
    """Of an archive with both parts only the one that was asked for."""
    _touched(tmp_path / "places365_standard/val/beach/v.jpg", tmp_path / "places365_standard/train/beach/t.jpg")
    assert [c.where for c in places_offer(tmp_path, "train", CHOICES, own_choice=False).candidates] == ["beach/t.jpg"]


def test_the_list_of_outdoor_categories_decides_where_it_lies_there(tmp_path):
    """With IO_places365.txt all outdoor categories are taken; a file of one's own choices comes before it."""
    _touched(*(tmp_path / "val" / name / "1.jpg" for name in ("airfield", "beach", "alcove")))
    (tmp_path / "IO_places365.txt").write_text("/a/airfield 2\n/b/beach 2\n/a/alcove 1\n")
    offer = places_offer(tmp_path, "val", CHOICES, own_choice=False)
    assert [c.label for c in offer.candidates] == ["airfield", "beach"]
    assert offer.notes["categories_by"] == "outdoor in IO_places365.txt"
    assert [c.label for c in places_offer(tmp_path, "val", CHOICES, own_choice=True).candidates] == ["beach"]
    (tmp_path / "IO_places365.txt").write_text("/a/airfield 2\n/b/beach outdoor\n")
    with pytest.raises(DataError, match="1 of 2 lines .* first: line 2"):
        places_offer(tmp_path, "val", CHOICES, own_choice=False)


def test_no_wanted_category_is_told(tmp_path):
    """What is there instead is named, and the way for any other folder."""
    _touched(*(tmp_path / f"room{k}" / "1.jpg" for k in range(7)))
    with pytest.raises(DataError, match=r"only room0, room1, room2, room3, room4 and 2 more; expected .*--images"):
        places_offer(tmp_path, "val", CHOICES, own_choice=False)
    with pytest.raises(DataError, match="is not a folder"):
        places_offer(tmp_path / "nowhere", "val", CHOICES, own_choice=False)


def test_links_out_of_the_folder_are_listed(tmp_path):
    """A link that leaves the folder, or leads nowhere, is left out with its reason."""
    _touched(tmp_path / "outside.jpg", tmp_path / "in" / "beach" / "1.jpg")
    (tmp_path / "in" / "beach" / "2.jpg").symlink_to(tmp_path / "outside.jpg")
    (tmp_path / "in" / "beach" / "3.jpg").symlink_to(tmp_path / "in" / "none.jpg")
    offer = places_offer(tmp_path / "in", "val", CHOICES, own_choice=False)
    assert [c.where for c in offer.candidates] == ["beach/1.jpg"]
    assert [(s.path, s.reason) for s in offer.skipped] == [("beach/2.jpg", "unreadable"), ("beach/3.jpg", "unreadable")]


ROWS = """\
aaaaaaaaaaa,10,"bird chirping, tweeting",test
-bbbbbbbbb_,20,raining,test
ccccccccccc,0,raining,train
ddddddddddd,7,playing piano,test
eeeeeeeeeee,300,sea waves,test
"""


def test_both_lists_of_vggsound_are_read(tmp_path):
    """Rows without a header, labels with commas in quotes; the test list names files."""
    (tmp_path / "vggsound.csv").write_text(ROWS)
    rows = read_rows(tmp_path / "vggsound.csv")
    assert (rows[0].name, rows[0].video, rows[0].label, rows[0].split) == (
        "aaaaaaaaaaa_000010", "aaaaaaaaaaa", "bird chirping, tweeting", "test",
    )  # fmt: skip
    assert rows[1].name == "-bbbbbbbbb__000020"
    (tmp_path / "test.csv").write_text('-bbbbbbbbb__000020.mp4,raining\naaaaaaaaaaa_000010.mp4,"bird chirping, tweeting"\n')
    assert read_rows(tmp_path / "test.csv") == [rows[1], rows[0]]


@pytest.mark.parametrize("text", ["a,b,raining,test\n", "a,10,raining\n", "a,10,bird chirping, tweeting,test\n", "", "a_10.mp4,raining\n"])
def test_another_file_is_no_list(tmp_path, text):
    """A start that is no number, missing quotes, too few cells, an empty file."""
    (tmp_path / "vggsound.csv").write_text(text)
    with pytest.raises(DataError, match="rows of .* are not like `id,start,label,split`"):
        read_rows(tmp_path / "vggsound.csv")


def test_absent_files_are_counted(tmp_path):
    """Rows of the wanted classes and split with a file are offered; those without are counted by class."""
    (tmp_path / "vggsound.csv").write_text(ROWS)
    _touched(
        tmp_path / "media" / "aaaaaaaaaaa_000010.mp4", tmp_path / "media" / "aaaaaaaaaaa_000010.wav", tmp_path / "ccccccccccc_000000.wav"
    )
    offer = vggsound_offer(tmp_path, None, "test", CHOICES)
    assert [(c.where, c.label, c.group) for c in offer.candidates] == [
        ("media/aaaaaaaaaaa_000010.mp4", "birds_chirping", "youtube/aaaaaaaaaaa")
    ]
    assert offer.displays == {"birds_chirping": "birds chirping"}
    assert {k: offer.notes[k] for k in ("n_listed", "n_present", "n_absent", "n_of_other_classes")} == {
        "n_listed": 3, "n_present": 1, "n_absent": 2, "n_of_other_classes": 2,
    }  # fmt: skip
    assert offer.notes["classes"]["raining"] == {"listed": 1, "present": 0}
    assert [c.label for c in vggsound_offer(tmp_path / "vggsound.csv", None, "all", CHOICES).candidates] == ["birds_chirping", "rain"]
    assert [c.label for c in vggsound_offer(tmp_path, tmp_path / "media", "all", CHOICES).candidates] == ["birds_chirping"]


def test_nothing_of_vggsound_is_told(tmp_path):
    """No list, no wanted class, and no file are told apart, each with the option that helps."""
    with pytest.raises(DataError, match=r"no vggsound.csv or test.csv in .*--media"):
        vggsound_offer(tmp_path, None, "test", CHOICES)
    with pytest.raises(DataError, match="no file or folder"):
        vggsound_offer(tmp_path / "none.csv", None, "test", CHOICES)
    (tmp_path / "vggsound.csv").write_text("a,1,playing piano,test\n")
    with pytest.raises(DataError, match=r"lists 1 segments, but none of the 10 wanted classes .*--categories"):
        vggsound_offer(tmp_path, None, "test", CHOICES)
    (tmp_path / "vggsound.csv").write_text("a,1,raining,test\n")
    with pytest.raises(DataError, match=r"none of the 1 listed segments has a file .* such as a_000001.mp4.*--media"):
        vggsound_offer(tmp_path, None, "test", CHOICES)
