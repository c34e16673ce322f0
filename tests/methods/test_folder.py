"""Images made elsewhere."""

import numpy as np
import pytest

from adis_bench.datasets.media import read_image, write_png
from adis_bench.datasets.pairs import make_pairs
from adis_bench.errors import ConfigError, DataError
from adis_bench.methods.folder import Folder
from adis_bench.methods.protocol import Method, MethodOptions, NeedsPairs


@pytest.fixture
def pairs(tiny_dataset):
    """Six pairs of a tiny dataset."""
    return make_pairs(tiny_dataset(), 6, 0)


@pytest.fixture
def outputs(tmp_path, pairs):
    """A folder with one 20 x 20 px output a pair."""
    folder = tmp_path / "outputs"
    for k, pair in enumerate(pairs):
        write_png(folder / f"{pair.pair_id}.png", np.full((20, 20, 3), 10 * k, np.uint8))
    return folder


def _method(path, resolution=20):
    return Folder(MethodOptions(resolution=resolution, variant=str(path)))


def test_outputs_come_in_the_order_of_the_pairs(outputs, pairs):
    """Each pair gets the image with its id, whatever the order asked for."""
    method = _method(outputs)
    assert isinstance(method, Method)
    assert isinstance(method, NeedsPairs)
    method.plan(pairs)
    assert [int(image[0, 0, 0]) for image in method.stylize(pairs[::-1])] == [50, 40, 30, 20, 10, 0]
    assert method.provenance()["differences"] == []


def test_another_size_is_resized_and_said(outputs, pairs):
    """Outputs of another size than the run's are resized, and the provenance says so."""
    method = _method(outputs, resolution=8)
    method.plan(pairs)
    assert {image.shape for image in method.stylize(pairs)} == {(8, 8, 3)}
    assert method.provenance()["differences"] == ["outputs of 20 x 20 px were resized to 8 x 8 px (bicubic, antialiased)"]


def test_missing_outputs_are_counted(outputs, pairs):
    """The message says how many of how many are missing, where, the first, and how to make them."""
    for pair in pairs[1:4]:
        (outputs / f"{pair.pair_id}.png").unlink()
    with pytest.raises(DataError, match=rf"3 of 6 outputs are missing in .*outputs, first: {pairs[1].pair_id}\.png; .*pairs export"):
        _method(outputs).plan(pairs)


def test_two_sizes_are_named_with_an_example_each(outputs, pairs):
    """Images of two sizes are refused in one line that names both."""
    write_png(outputs / f"{pairs[2].pair_id}.png", np.zeros((10, 30, 3), np.uint8))
    expected = rf"2 sizes: 20 x 20 px \(5, such as {pairs[0].pair_id}\.png\) and 30 x 10 px \(1, such as {pairs[2].pair_id}\.png\)"
    with pytest.raises(DataError, match=expected):
        _method(outputs).plan(pairs)


def test_a_damaged_output_is_named(outputs, pairs):
    """A truncated PNG is found before anything long begins."""
    path = outputs / f"{pairs[4].pair_id}.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match=rf"1 of 6 outputs in .* are not readable images, first: {pairs[4].pair_id}"):
        _method(outputs).plan(pairs)


def test_the_digest_follows_the_bytes(outputs, pairs):
    """One changed pixel of one output changes the digest."""
    before, after = _method(outputs), _method(outputs)
    before.plan(pairs)
    image = read_image(outputs / f"{pairs[0].pair_id}.png").copy()
    image[3, 3] += 1
    write_png(outputs / f"{pairs[0].pair_id}.png", image)
    after.plan(pairs)
    assert before.provenance()["digest"] != after.provenance()["digest"]


def test_a_folder_must_be_named_and_exist(tmp_path, pairs):
    """No path, a path that is not there, and settings are refused with the remedy."""
    with pytest.raises(ConfigError, match="LABEL=folder:PATH"):
        Folder(MethodOptions(resolution=8))
    with pytest.raises(ConfigError, match="no settings, but got width"):
        Folder(MethodOptions(resolution=8, variant="x", settings={"width": 1}))
    with pytest.raises(DataError, match="no folder"):
        _method(tmp_path / "nowhere").plan(pairs)
