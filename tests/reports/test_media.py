"""Pictures and sounds of a report."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from adis_bench.datasets.media import write_png, write_wav
from adis_bench.errors import DataError
from reports.media import MAX_RATE_HZ, MAX_SIDE, MediaFolder


def test_small_pictures_are_lossless_and_shared(tmp_path):
    """A 64-pixel output keeps its exact pixels, and equal images are one file."""
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    write_png(tmp_path / "a.png", image)
    write_png(tmp_path / "b.png", image)
    media = MediaFolder(tmp_path / "report")
    first, second = media.image(tmp_path / "a.png", 64), media.image(tmp_path / "b.png", 64)
    assert first == second
    with Image.open(tmp_path / "report" / first.url) as shown:
        assert np.array_equal(np.asarray(shown), image)


def test_large_pictures_are_bounded(tmp_path):
    """A 600-pixel output is shown at 256 pixels."""
    write_png(tmp_path / "a.png", np.full((600, 600, 3), 90, np.uint8))
    picture = MediaFolder(tmp_path / "report").image(tmp_path / "a.png", 600)
    with Image.open(tmp_path / "report" / picture.url) as shown:
        assert shown.size == (picture.width, picture.height) == (MAX_SIDE, MAX_SIDE)


def test_plain_sounds_are_copied(tmp_path):
    """16-bit WAV at 16 kHz is taken byte by byte."""
    write_wav(tmp_path / "a.wav", np.zeros(48_000, np.float32), 16_000)
    sound = MediaFolder(tmp_path / "report").sound(tmp_path / "a.wav")
    assert (tmp_path / "report" / sound.url).read_bytes() == (tmp_path / "a.wav").read_bytes()
    assert (sound.seconds, sound.highest_hz) == (3.0, 8000.0)


def test_sounds_of_a_high_rate_are_resampled(tmp_path):
    """48 kHz becomes 32 kHz, still 3 s long, and twice the same file."""
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 144_000), 48_000, subtype="FLOAT")
    media = MediaFolder(tmp_path / "report")
    sound = media.sound(tmp_path / "a.wav")
    facts = soundfile.info(tmp_path / "report" / sound.url)
    assert (facts.samplerate, facts.subtype, facts.frames) == (MAX_RATE_HZ, "PCM_16", 3 * MAX_RATE_HZ)
    assert media.sound(tmp_path / "a.wav") == sound


def test_an_unreadable_sound_is_a_data_error(tmp_path):
    """A text file with a sound's name is refused, not copied."""
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(DataError):
        MediaFolder(tmp_path / "report").sound(tmp_path / "a.wav")


def test_leftovers_of_an_older_report_go(tmp_path):
    """Media that the new page does not use are removed, used ones stay, and so does what no page has written."""
    media = MediaFolder(tmp_path / "report")
    kept = media.add(b"new", ".png")
    for name in ("0123456789abcdef0123.png", ".tmp-ab_3defg.webp", "holiday.png", "0123456789ABCDEF0123.png", "0123456789abcdef0123"):
        (tmp_path / "report" / "media" / name).write_bytes(b"old")
    media.prune()
    found = {path.name for path in (tmp_path / "report" / "media").iterdir()}
    assert found == {kept.removeprefix("media/"), "holiday.png", "0123456789ABCDEF0123.png", "0123456789abcdef0123"}


def _page(folder, *names, text=b"1"):
    media = MediaFolder(folder)
    for name in names:
        media.add_named(name, text)
    media.prune()


def test_named_files_of_an_older_page_go(tmp_path):
    """Those that it wrote and nobody has changed since; never a file of somebody else, though it has a name like ours."""
    _page(tmp_path, "tables/a.csv", "tables/b.csv", "tables/c.csv")
    (tmp_path / "tables" / "theirs.csv").write_text("theirs")
    (tmp_path / "tables" / "c.csv").write_text("changed")
    _page(tmp_path, "tables/a.csv", text=b"2")
    assert {path.name: path.read_text() for path in (tmp_path / "tables").iterdir()} == {
        "a.csv": "2",
        "c.csv": "changed",
        "theirs.csv": "theirs",
    }


def test_named_files_of_others_are_not_replaced(tmp_path):
    """A name that is taken by something else is an error, ahead of any change."""
    _page(tmp_path, "tables/a.csv")
    (tmp_path / "tables" / "b.csv").write_text("theirs")
    with pytest.raises(DataError, match="was not written by this page"):
        MediaFolder(tmp_path).add_named("tables/b.csv", b"ours")
    assert (tmp_path / "tables" / "b.csv").read_text() == "theirs"


def test_links_are_not_followed(tmp_path):
    """Folders that are links to elsewhere are refused, and what a record names behind one stays."""
    _page(tmp_path / "page", "tables/a.csv", "figures/a.svg")
    (tmp_path / "page" / "tables").rename(tmp_path / "elsewhere")
    (tmp_path / "page" / "tables").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="is a link to another folder"):
        MediaFolder(tmp_path / "page").add_named("tables/a.csv", b"2")
    _page(tmp_path / "page", "figures/a.svg")
    assert (tmp_path / "elsewhere" / "a.csv").read_bytes() == b"1"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "media").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="media is a link to another folder"):
        MediaFolder(tmp_path / "other")


def test_a_stopped_writer_knows_its_files(tmp_path):
    """A page that was stopped before its end is written again over what it left."""
    _page(tmp_path, "tables/a.csv")
    MediaFolder(tmp_path).add_named("tables/b.csv", b"half way")
    _page(tmp_path, "tables/a.csv", "tables/b.csv")
    assert (tmp_path / "tables" / "b.csv").read_bytes() == b"1"


def test_a_begun_page_is_known_until_it_is_done(tmp_path):
    """The folder says from the first file on that it is a page's, and no longer once nothing is left to do."""
    media = MediaFolder(tmp_path)
    assert not MediaFolder.was_begun(tmp_path)
    media.begin("tables")
    assert MediaFolder.was_begun(tmp_path)
    media.prune()
    assert not MediaFolder.was_begun(tmp_path)
    assert list((tmp_path / "media").iterdir()) == []


def test_a_page_is_not_begun_where_a_folder_is_a_link(tmp_path):
    """Links are refused ahead of the first file."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "tables").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="tables is a link to another folder"):
        MediaFolder(tmp_path / "page").begin("figures", "tables")
    assert [path.name for path in (tmp_path / "page").iterdir()] == ["tables"]


@pytest.mark.parametrize("record", ["{", "[]", '{"../a.csv": "x"}', '{"tables/a.csv": 3}', '{"/etc/a.csv": "x"}'])
def test_a_strange_record_removes_nothing(tmp_path, record):
    """Whatever else lies there under that name counts as none."""
    (tmp_path / "a.csv").write_text("theirs")
    (tmp_path / "page" / "media").mkdir(parents=True)
    (tmp_path / "page" / "media" / "named.json").write_text(record)
    _page(tmp_path / "page", "tables/b.csv")
    assert (tmp_path / "a.csv").read_text() == "theirs"
