"""Reading OpenL3's weight files: by order, shape by shape, and nothing outside of the file."""

import gzip

import h5py
import numpy as np
import pytest

from adis_bench.errors import WeightsError
from adis_bench.extractors import openl3_weights
from adis_bench.extractors.openl3_weights import read_tower
from tests.extractors.openl3_plain import random_layers, write_layers, write_random

LAYERS = random_layers("audio")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A good audio file."""
    return write_layers(tmp_path_factory.mktemp("openl3") / "audio.h5", LAYERS)


@pytest.fixture
def copied(whole, tmp_path):
    """A copy of it to damage."""
    path = tmp_path / "audio.h5"
    path.write_bytes(whole.read_bytes())
    return path


def test_layers_come_by_order(whole):
    """Kernels, biases and normalisations are those of the file's order, whatever their names."""
    weights = read_tower(whole, "audio")
    assert len(weights.convolutions) == 8
    for index, convolution in enumerate(weights.convolutions):
        kernel, bias = LAYERS[1 + 2 * index]
        np.testing.assert_array_equal(convolution.kernel, kernel.transpose(3, 2, 0, 1))
        np.testing.assert_array_equal(convolution.bias, bias)
    gamma, beta, mean, variance = (part.astype(np.float64) for part in LAYERS[2])
    x = np.linspace(-2, 2, 64)
    first = weights.convolutions[0]
    np.testing.assert_allclose(x * first.scale + first.shift, gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta, rtol=1e-12)
    assert weights.convolutions[7].scale is None


def test_released_packing(whole, tmp_path):
    """The ``.h5.gz`` that is released is read as its content."""
    packed = tmp_path / "audio.h5.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes(), 1))
    np.testing.assert_array_equal(read_tower(packed, "audio").convolutions[7].kernel, read_tower(whole, "audio").convolutions[7].kernel)


def test_missing_file(tmp_path):
    """A file that isn't there is named."""
    with pytest.raises(WeightsError, match="absent.h5 cannot be read"):
        read_tower(tmp_path / "absent.h5", "audio")


def test_foreign_content(tmp_path):
    """Text, a cut archive and an HDF5 file of something else are refused."""
    path = tmp_path / "file.h5"
    path.write_text("not found")
    with pytest.raises(WeightsError, match="cannot be read as HDF5"):
        read_tower(path, "audio")
    path.write_bytes(gzip.compress(b"x" * 10_000)[:-20])
    with pytest.raises(WeightsError, match="fetch it again"):
        read_tower(path, "audio")
    with h5py.File(path, "w") as file:
        file["data"] = np.zeros(3)
    with pytest.raises(WeightsError, match="no layer_names"):
        read_tower(path, "audio")


def test_cut_file(copied):
    """A download that broke off is refused."""
    copied.write_bytes(copied.read_bytes()[:1_000_000])
    with pytest.raises(WeightsError, match="audio.h5"):
        read_tower(copied, "audio")


def test_large_archive(whole, tmp_path, monkeypatch):
    """An archive that unpacks to more than any tower is refused before it is unpacked further."""
    monkeypatch.setattr(openl3_weights, "_LARGEST_BYTES", 1 << 20)
    path = tmp_path / "audio.h5.gz"
    path.write_bytes(gzip.compress(b"\0" * (2 << 20)))
    with pytest.raises(WeightsError, match="more than 1 MiB"):
        read_tower(path, "audio")


def test_the_other_tower(tmp_path):
    """The image tower's file isn't the audio tower's, and the first layer that differs is named with both shapes."""
    path = write_random(tmp_path / "image.h5", "image")
    with pytest.raises(WeightsError, match=r"layer 1 of 16 \(z16\) has the shapes 3, 3, 3, 3, but OpenL3's audio tower .* has 1, 1, 1, 1"):
        read_tower(path, "audio")


def test_wrong_shape_inside(tmp_path):
    """A kernel of another size is named by its place."""
    layers = [list(layer) for layer in LAYERS]
    layers[5][0] = layers[5][0][:, :, :, :100]
    with pytest.raises(WeightsError, match=r"layer 6 of 16 .* 3x3x64x100, 128, .* 3x3x64x128, 128"):
        read_tower(write_layers(tmp_path / "audio.h5", layers), "audio")


def test_another_number_of_layers(tmp_path):
    """A file with a layer too few or too many is another network's."""
    with pytest.raises(WeightsError, match="15 layers with weights.* has 16"):
        read_tower(write_layers(tmp_path / "few.h5", LAYERS[:-1]), "audio")
    with pytest.raises(WeightsError, match="17 layers with weights.* has 16"):
        read_tower(write_layers(tmp_path / "many.h5", [*LAYERS, LAYERS[2]]), "audio")


def replace(path, name, value):
    """Put something else where a dataset was."""
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = value


@pytest.mark.parametrize(
    "link", [h5py.ExternalLink("outside.h5", "/z16/z16/w4:0"), h5py.SoftLink("/z15/z15/w1:0")], ids=["external", "soft"]
)
def test_links_are_not_followed(copied, whole, link):
    """A link is refused, though what it leads to would fit."""
    (copied.parent / "outside.h5").write_bytes(whole.read_bytes())
    replace(copied, "z16/z16/w4:0", link)
    with pytest.raises(WeightsError, match="is a link .*not followed"):
        read_tower(copied, "audio")


def test_a_linked_group_is_not_followed(copied, whole):
    """Nor is a link on the way to a dataset."""
    (copied.parent / "outside.h5").write_bytes(whole.read_bytes())
    replace(copied, "z16", h5py.ExternalLink("outside.h5", "/z16"))
    with pytest.raises(WeightsError, match="is a link .*not followed"):
        read_tower(copied, "audio")


def test_values_in_another_file_are_not_read(copied):
    """A dataset that keeps its values in another file is refused, and so is a virtual one."""
    raw = copied.parent / "values.raw"
    raw.write_bytes(np.ones(1, np.float32).tobytes())
    with h5py.File(copied, "r+") as file:
        del file["z16/z16/w4:0"]
        file.create_dataset("z16/z16/w4:0", (1,), "f4", external=[(str(raw), 0, 4)])
    with pytest.raises(WeightsError, match="in another file"):
        read_tower(copied, "audio")
    layout = h5py.VirtualLayout((1,), "f4")
    layout[0:1] = h5py.VirtualSource("outside.h5", "x", (1,))
    with h5py.File(copied, "r+") as file:
        del file["z16/z16/w4:0"]
        file.create_virtual_dataset("z16/z16/w4:0", layout)
    with pytest.raises(WeightsError, match="in another file"):
        read_tower(copied, "audio")


def test_values_that_no_network_has(copied):
    """NaN and integers are refused."""
    replace(copied, "z16/z16/w4:0", np.full(1, np.nan, np.float32))
    with pytest.raises(WeightsError, match="not finite"):
        read_tower(copied, "audio")
    replace(copied, "z16/z16/w4:0", np.ones(1, np.int32))
    with pytest.raises(WeightsError, match="holds int32"):
        read_tower(copied, "audio")


def test_a_name_that_the_file_lacks(copied):
    """A layer that is listed but not there is named."""
    with h5py.File(copied, "r+") as file:
        del file["z16/z16/w4:0"]
    with pytest.raises(WeightsError, match="names z16/w4:0, but doesn't hold it"):
        read_tower(copied, "audio")
