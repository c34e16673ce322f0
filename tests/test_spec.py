"""Presets, flags and names become one frozen record."""

from pathlib import Path

import pytest

from adis_bench.configuration import load_preset, load_protocol, names_in
from adis_bench.errors import ConfigError
from adis_bench.files import digest_json
from adis_bench.spec import Flags, MethodSpec, RunSpec, method_specs, resolve, resolve_device, spec_digest


def test_demo_preset_without_data():
    """Without data and preset a run is the demo world's, in a folder named after it under the current one."""
    spec = resolve(Flags(device="cpu"))
    assert (spec.data, spec.preset, spec.protocol) == (None, "demo", "offline")
    assert spec.out.parent == Path.cwd() / "runs"
    assert spec.out.name.startswith("demo-demo-")
    assert len(spec.out.name.removeprefix("demo-demo-")) == 8


def test_small_preset_with_data(tmp_path: Path):
    """With data the preset is small, and the run's folder is named after the data's."""
    spec = resolve(Flags(data=tmp_path / "wild", device="cpu"))
    assert spec.preset == "small"
    assert spec.out.name.startswith("wild-small-")


def test_folder_depends_on_what_decides_numbers_only():
    """The same options find the same folder, retraining too; another seed, method or precision gets another one."""
    out = {name: resolve(Flags(device="cpu", **options)).out for name, options in _VARIANTS.items()}
    assert out["same"] == out["plain"]
    assert out["retrain"] == out["plain"]
    assert len({out[name] for name in ("plain", "seed", "methods", "precision", "preset")}) == 5


def test_other_training_data(tmp_path: Path):
    """Another training dataset is another run with a folder of its own; the very same dataset is refused, and old specs read."""
    data, train = tmp_path / "places", tmp_path / "wild"
    spec = resolve(Flags(data=data, train_data=train, device="cpu"))
    assert spec.train_data == train
    assert spec.out.name.startswith("places-on-wild-small-")
    assert resolve(Flags(train_data=train, device="cpu")).out.name.startswith("demo-on-wild-demo-")
    with pytest.raises(ConfigError, match="--train-data is the very dataset of --data"):
        resolve(Flags(data=data, train_data=tmp_path / "x" / ".." / "places", device="cpu"))
    old = {name: value for name, value in resolve(Flags(data=data, device="cpu")).model_dump(mode="json").items() if name != "train_data"}
    assert RunSpec.model_validate(old).train_data is None


def test_a_run_of_older_versions_is_found_again():
    """The digest that names a run's folder is what it was before there was other training data."""
    spec = resolve(Flags(device="cpu"))
    told = spec.model_dump(mode="json", exclude={"out", "retrain", "train_data"})
    assert spec_digest(spec) == digest_json(told)


_VARIANTS = {
    "plain": {},
    "same": {},
    "retrain": {"retrain": True},
    "seed": {"seed": 1},
    "methods": {"labelled": ("x=identity",)},
    "precision": {"precision": "bf16"},
    "preset": {"preset": "tiny"},
}


def test_method_texts():
    """NAME, NAME:VARIANT and LABEL=NAME:VARIANT are told apart; a path may hold '=' and ':'."""
    specs = method_specs(["folder:out"], ["mine=folder:a=b:c", "copy=identity"])
    assert specs == (
        MethodSpec(label="folder-out", name="folder", variant="out"),
        MethodSpec(label="mine", name="folder", variant="a=b:c"),
        MethodSpec(label="copy", name="identity"),
    )


@pytest.mark.parametrize(
    ("method", "label"),
    [
        ("ours", "ours"),
        ("ours:models/rain", "ours-rain"),
        ("ours:models/rain/", "ours-rain"),
        ("cut:my models/snow & ice", "cut-snow---ice"),
        ("ours:../deep/./.hidden", "ours-.hidden"),
        ("ours:/", "ours"),
        ("ours:" + "x" * 90, "ours-" + "x" * 59),
    ],
)
def test_models_of_one_method_are_told_apart(method: str, label: str):
    """A method with a path is called after the path's last part, in letters that can name a folder."""
    assert [spec.label for spec in method_specs([method], [])] == [label]
    assert method_specs([method], [])[0].variant == (method.partition(":")[2] or None)


def test_the_place_names_a_model_of_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`ours:.` is called after the folder that the dot means."""
    (tmp_path / "rain").mkdir()
    monkeypatch.chdir(tmp_path / "rain")
    assert method_specs(["ours:."], [])[0].label == "ours-rain"


def test_controls_are_not_asked_for_twice():
    """A control among the methods is dropped: every run has it."""
    assert method_specs(["identity", "oracle", "target"], []) == ()


@pytest.mark.parametrize(
    ("methods", "labelled", "part"),
    [
        (["retreival"], [], "did you mean retrieval"),
        ([], ["folder:x"], "is not LABEL=NAME"),
        ([], ["x="], "is not LABEL=NAME"),
        (["folder:a/out", "folder:b/out"], [], "two methods are called 'folder-out'"),
        ([], ["target=folder:x"], "belongs to the control"),
        ([], ["../up=folder:x"], "names a folder"),
        ([], [".hidden=folder:x"], "names a folder"),
    ],
)
def test_bad_methods(methods: list[str], labelled: list[str], part: str):
    """Unknown names, missing parts and labels that cannot name a folder are refused with what to do."""
    with pytest.raises(ConfigError, match=part):
        method_specs(methods, labelled)


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (Flags(preset="smal", device="cpu"), "unknown preset 'smal'; did you mean small"),
        (Flags(protocol="ofline", device="cpu"), "unknown protocol 'ofline'; did you mean offline"),
        (Flags(precision="float16", device="cpu"), "precision"),
        (Flags(seed=-1, device="cpu"), "seed"),
        (Flags(judge_split=1.5, device="cpu"), "judge_split"),
        (Flags(preset="no/such.toml", device="cpu"), "cannot be read"),
    ],
)
def test_bad_flags(flags: Flags, part: str):
    """A value that does not fit is named, in one line."""
    with pytest.raises(ConfigError, match=part) as caught:
        resolve(flags)
    assert "\n" not in str(caught.value)


def test_unknown_device():
    """A device that torch does not know is an error of the user, with the remedy."""
    with pytest.raises(ConfigError, match="--device cpu"):
        resolve_device("warp")


def test_preset_of_ones_own(tmp_path: Path):
    """A preset may be a TOML file anywhere; a name it does not know is refused."""
    path = tmp_path / "mine.toml"
    path.write_text('description = "x"\nresolution = 64\nn_pairs = 8\n[demo]\nn_train = 8\nn_judge = 8\nn_test = 8\n')
    assert resolve(Flags(preset=str(path), device="cpu")).preset == "mine"
    path.write_text(path.read_text().replace("n_pairs", "pairs"))
    with pytest.raises(ConfigError, match=r"mine\.toml: n_pairs: Field required"):
        load_preset(str(path))


def test_damaged_preset(tmp_path: Path):
    """A preset that is not TOML is named with the place of the fault."""
    path = tmp_path / "mine.toml"
    path.write_text("resolution = = 64")
    with pytest.raises(ConfigError, match=r"mine\.toml is not TOML.*line 1"):
        load_preset(str(path))


def test_a_preset_extends_another(tmp_path: Path):
    """A preset takes from another, of the package or a file beside it, all that it does not say itself."""
    (tmp_path / "short.toml").write_text('extends = "tiny"\nn_pairs = 8\n[methods.ours]\nwidth = 8\n')
    (tmp_path / "shorter.toml").write_text('extends = "short.toml"\n[methods.ours]\nsteps = 1\n[demo]\nn_train = 8\n')
    tiny, found = load_preset("tiny"), load_preset(str(tmp_path / "shorter.toml"))
    assert found.n_pairs == 8
    assert found.methods == {**tiny.methods, "ours": {**tiny.methods["ours"], "width": 8, "steps": 1}}
    assert found.demo == tiny.demo.model_copy(update={"n_train": 8})
    assert (found.extractors, found.resolution, found.description) == (tiny.extractors, tiny.resolution, tiny.description)


@pytest.mark.parametrize(
    ("base", "part"),
    [
        ('"tinny"', "unknown preset 'tinny'; did you mean tiny"),
        ('"nowhere.toml"', r"nowhere\.toml cannot be read"),
        ('"other.toml"', r"mine\.toml' extends itself: .*; take one `extends` out"),
        ('"mine.toml"', "extends itself"),
        ("3", "extends: 3 is not the name of a preset"),
    ],
)
def test_a_base_that_is_none(tmp_path: Path, base: str, part: str):
    """An unknown base, and presets that extend each other, are refused in one line."""
    (tmp_path / "mine.toml").write_text(f"extends = {base}\n")
    (tmp_path / "other.toml").write_text('extends = "mine.toml"\n')
    with pytest.raises(ConfigError, match=part) as caught:
        load_preset(str(tmp_path / "mine.toml"))
    assert "\n" not in str(caught.value)


def test_a_file_does_not_pass_for_one_of_the_package(tmp_path: Path):
    """A preset or protocol of one's own that is called like one of the package would stand under its name in tables."""
    for kind, name in (("preset", "released"), ("protocol", "paper")):
        path = tmp_path / f"{name}.toml"
        path.write_text("")
        with pytest.raises(ConfigError, match=f"would be taken for the {kind} '{name}' of the package"):
            resolve(Flags(**{kind: str(path)}))


def test_a_protocol_extends_nothing(tmp_path: Path):
    """Only presets have a base: a protocol is read as a whole."""
    path = tmp_path / "mine.toml"
    path.write_text('extends = "offline"\nversion = 1\ndescription = "x"\nextractors = []\nmetrics = []\n')
    with pytest.raises(ConfigError, match="extends: Extra inputs"):
        load_protocol(str(path))


def test_everything_in_the_package_loads():
    """Every preset and protocol that comes with the package is valid."""
    assert {"demo", "small", "tiny"} <= set(names_in("presets"))
    for name in names_in("presets"):
        assert load_preset(name).n_pairs > 0
    for name in names_in("protocols"):
        protocol = load_protocol(name)
        assert len(set(protocol.metrics)) == len(protocol.metrics) > 0


def test_a_protocol_of_ones_own_names_plugin_metrics(tmp_path: Path):
    """A TOML file chooses extractors and metrics, as a preset's file chooses budgets."""
    path = tmp_path / "mine.toml"
    path.write_text('version = 3\ndescription = "one metric"\nextractors = ["efficientnet_lite0"]\nmetrics = ["fd"]\n')
    spec = resolve(Flags(protocol=str(path)))
    assert (spec.protocol, spec.protocol_version, spec.metrics) == ("mine", 3, ("fd",))
