"""Reading Inception V3's weight files: both layouts, batch norms folded, no code run, other networks refused."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torchvision
from torch.nn import functional as F

from adis_bench.errors import WeightsError
from adis_bench.extractors.inception_kernels import kernel_specs
from adis_bench.extractors.inception_network import InceptionV3
from adis_bench.extractors.inception_weights import read_convolutions
from adis_bench.extractors.weight_archive import read_tensors
from tests.extractors.inception_files import Program, random_program, state_dict_of, write_program


@pytest.fixture(scope="module")
def program() -> Program:
    """The random network."""
    return random_program(1)


@pytest.fixture(scope="module")
def script_path(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network in NVIDIA's layout."""
    return write_program(program, tmp_path_factory.mktemp("script") / "inception.pt")


def rewritten(source: Path, path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of an archive with its records changed, or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            content = change(info.filename, old.read(info))
            if content is not None:
                new.writestr(info.filename, content, info.compress_type)
    return path


def test_an_archives_tensors_are_the_programs(program: Program, script_path: Path) -> None:
    """What is read from a TorchScript archive is the program's state dict, name by name and bit by bit."""
    expected, found = program.state_dict(), read_tensors(script_path)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.filterwarnings("ignore:.*torch.jit.load:FutureWarning")
def test_a_program_is_not_even_compiled(script_path: Path, tmp_path: Path) -> None:
    """An archive whose code is garbage, which torch.jit.load can't open, is read all the same."""
    path = rewritten(script_path, tmp_path / "garbage.pt", lambda name, old: b"not code" if name.endswith(".py") else old)
    with pytest.raises(RuntimeError):
        torch.jit.load(path)
    assert len(read_convolutions(path)) == 94


class Order:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self._path), "w")


@pytest.mark.parametrize("archive", [True, False])
def test_orders_in_a_file_are_not_followed(archive: bool, script_path: Path, tmp_path: Path) -> None:
    """A file, archive or not, whose objects would call a function when unpickled is refused, and nothing is called."""
    made, path = tmp_path / "made", tmp_path / "orders.pt"
    if archive:
        content = pickle.dumps(Order(made), protocol=2)
        rewritten(script_path, path, lambda name, old: content if name.endswith("/data.pkl") else old)
    else:
        torch.save({"fc.weight": Order(made)}, path)
    with pytest.raises(WeightsError, match="not readable"):
        read_convolutions(path)
    assert not made.exists()


def test_compressed_records_are_not_unpacked(script_path: Path, tmp_path: Path) -> None:
    """Tensors are stored as they are; an archive that compresses them is refused instead of unpacked without bound."""
    path = tmp_path / "packed.pt"
    with zipfile.ZipFile(script_path) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            packed = zipfile.ZIP_DEFLATED if info.filename.endswith("/data/0") else info.compress_type
            new.writestr(info.filename, old.read(info), packed)
    with pytest.raises(WeightsError, match="packed.pt is not readable"):
        read_convolutions(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_both_layouts_give_the_same_convolutions(zipped: bool, program: Program, script_path: Path, tmp_path: Path) -> None:
    """NVIDIA's archive and pytorch-fid's state dict, in torch's new and old container, hold the same network."""
    path = tmp_path / "state.pth"
    torch.save(state_dict_of(program), path, _use_new_zipfile_serialization=zipped)
    a, b = read_convolutions(script_path), read_convolutions(path)
    assert a.keys() == b.keys() == {spec.script_name for spec in kernel_specs()}
    assert all(torch.equal(a[name].weight, b[name].weight) and torch.equal(a[name].bias, b[name].bias) for name in a)


def test_folded_batch_norms_compute_the_same(program: Program, script_path: Path) -> None:
    """A folded convolution gives what convolution and batch norm give one after the other, to 1e-5, scale included."""
    x = torch.randn(2, 32, 9, 9, generator=torch.Generator().manual_seed(0))
    layer = program.layers.conv_1
    folded = read_convolutions(script_path)["conv_1"]
    expected = F.batch_norm(F.conv2d(x, layer.weight), layer.mean, layer.var, None, layer.beta, eps=1e-3)
    torch.testing.assert_close(F.conv2d(x, folded.weight, folded.bias), expected, rtol=1e-5, atol=1e-5)


def test_a_scale_is_folded_too(program: Program, tmp_path: Path) -> None:
    """A batch norm with a scale other than 1, which torch's layout allows, keeps it."""
    state = state_dict_of(program)
    state["Conv2d_1a_3x3.bn.weight"] = torch.full((32,), 2.0)
    torch.save(state, tmp_path / "scaled.pth")
    torch.save(state_dict_of(program), tmp_path / "plain.pth")
    scaled, plain = (read_convolutions(tmp_path / name)["conv"] for name in ("scaled.pth", "plain.pth"))
    torch.testing.assert_close(scaled.weight, 2 * plain.weight)
    assert not torch.equal(scaled.bias, plain.bias)


def test_the_network_has_googles_size(script_path: Path) -> None:
    """94 convolutions, and the 21.8 million numbers of Inception V3 without its classifiers (two vectors less per norm)."""
    network = InceptionV3(read_convolutions(script_path))
    # torchvision's count without classifiers is 21,785,568, of which 2 x 17,216 are scales and shifts of norms; a bias is left of them.
    assert len(kernel_specs()) == 94
    assert sum(parameter.numel() for parameter in network.parameters()) == 21_785_568 - 17_216
    assert not any(parameter.requires_grad for parameter in network.parameters())


def without(state: dict[str, torch.Tensor]) -> None:
    """One convolution less."""
    del state["Mixed_6b.branch7x7_2.conv.weight"]


def other_shape(state: dict[str, torch.Tensor]) -> None:
    """One convolution turned round."""
    name = "Mixed_6b.branch7x7_2.conv.weight"
    state[name] = state[name].transpose(2, 3)


def negative_variance(state: dict[str, torch.Tensor]) -> None:
    """A variance below 0."""
    state["Mixed_6b.branch7x7_2.bn.running_var"][3] = -1


def not_finite(state: dict[str, torch.Tensor]) -> None:
    """A weight that is no number."""
    state["Mixed_6b.branch7x7_2.conv.weight"][0, 0] = float("nan")


@pytest.mark.parametrize("change", [without, other_shape, negative_variance, not_finite])
def test_a_fault_is_named(change: Callable[[dict[str, torch.Tensor]], None], program: Program, tmp_path: Path) -> None:
    """What differs from the network is refused, and the error names it and counts it."""
    state = state_dict_of(program)
    change(state)
    torch.save(state, tmp_path / "faulty.pth")
    with pytest.raises(WeightsError, match=r"faulty.pth is not FID's Inception V3: 1 differences .*Mixed_6b_branch7x7_2"):
        read_convolutions(tmp_path / "faulty.pth")


def test_imagenets_network_is_refused(tmp_path: Path) -> None:
    """The Inception V3 of torchvision has the same convolutions, but isn't FID's: its classifiers tell."""
    torch.save(torchvision.models.inception_v3(init_weights=False).state_dict(), tmp_path / "imagenet.pth")
    with pytest.raises(WeightsError, match="AuxLogits"):
        read_convolutions(tmp_path / "imagenet.pth")
    torch.save(torchvision.models.inception_v3(init_weights=False, aux_logits=False).state_dict(), tmp_path / "no_aux.pth")
    with pytest.raises(WeightsError, match=r"fc.weight has 1000 classes, not 1008"):
        read_convolutions(tmp_path / "no_aux.pth")


@pytest.mark.parametrize("content", [b"", b"weights", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_weight_file_is_refused(content: bytes, tmp_path: Path) -> None:
    """An empty file, a text and an empty archive are one line of error."""
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="weights.pt is not readable") as caught:
        read_convolutions(path)
    assert "\n" not in str(caught.value)
