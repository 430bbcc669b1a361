"""The documented configuration: fields, defaults, and what is refused."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest

from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsConfig
from cutout_widgets.errors import BadOption, NotWritable


def test_defaults_are_the_documented_ones():
    assert PlotImageSubtractionCutoutsConfig().toDict() == {
        "sizes": [30],
        "use_footprint": False,
        "url_root": None,
        "science_image_type": "preliminary_visit_image",
        "diff_image_type": None,
        "add_metadata": True,
        "chunk_size": 10000,
        "save_as_numpy": False,
    }


def test_fields_can_be_set_by_name_and_by_attribute():
    config = PlotImageSubtractionCutoutsConfig(science_image_type="initial_pvi")
    config.sizes = [32, 64]
    config.chunk_size = None
    assert (config.science_image_type, config.sizes, config.chunk_size) == ("initial_pvi", [32, 64], None)


def test_configurations_do_not_share_lists():
    first = PlotImageSubtractionCutoutsConfig()
    first.sizes.append(60)
    assert PlotImageSubtractionCutoutsConfig().sizes == [30]


@pytest.mark.parametrize(
    "name, near", [("size", "sizes"), ("url_rot", "url_root"), ("addMetadata", "add_metadata")]
)
def test_an_unknown_field_is_refused_with_the_nearest_names(name, near):
    with pytest.raises(BadOption, match=f"no field '{name}'; did you mean .*'{near}'"):
        PlotImageSubtractionCutoutsConfig(**{name: 1})
    with pytest.raises(BadOption, match=f"'{near}'"):
        setattr(PlotImageSubtractionCutoutsConfig(), name, 1)


@pytest.mark.parametrize(
    "name, value",
    [
        ("sizes", 30),
        ("sizes", "30"),
        ("sizes", []),
        ("sizes", [30.0]),
        ("sizes", [0]),
        ("sizes", [True]),
        ("sizes", [30, 30]),
        ("sizes", None),
        ("sizes", {30}),
        ("sizes", [1_000_000]),
        ("use_footprint", 1),
        ("add_metadata", "yes"),
        ("save_as_numpy", None),
        ("url_root", 5),
        ("url_root", "https://example.org/a b"),
        ("url_root", "https://example.org/?a"),
        ("science_image_type", None),
        ("science_image_type", ""),
        ("diff_image_type", 5),
        ("chunk_size", 123),
        ("chunk_size", 0),
        ("chunk_size", -10),
        ("chunk_size", True),
        ("chunk_size", 1e4),
    ],
)
def test_an_invalid_value_is_refused(name, value):
    config = PlotImageSubtractionCutoutsConfig()
    before = config.toDict()
    with pytest.raises(BadOption):
        setattr(config, name, value)
    assert config.toDict() == before


def test_numpy_numbers_become_python_numbers():
    config = PlotImageSubtractionCutoutsConfig(sizes=np.array([30, 60]), chunk_size=np.int64(100))
    assert config.sizes == [30, 60]
    assert all(type(size) is int for size in config.sizes)
    assert type(config.chunk_size) is int


def test_a_frozen_configuration_refuses_changes():
    config = PlotImageSubtractionCutoutsConfig()
    config.freeze()
    with pytest.raises(BadOption, match="frozen"):
        config.sizes = [60]
    assert pickle.loads(pickle.dumps(config)) == config


def test_a_list_changed_in_place_is_validated_before_use():
    config = PlotImageSubtractionCutoutsConfig()
    config.sizes.append("60")
    with pytest.raises(BadOption, match="'60'"):
        config.validate()


def test_a_configuration_can_be_pickled_and_copied():
    config = PlotImageSubtractionCutoutsConfig(sizes=[63], url_root="https://example.org")
    assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
    assert repr(config) == "PlotImageSubtractionCutoutsConfig(sizes=[63], url_root='https://example.org')"


def test_load_applies_the_assignments_of_a_file(tmp_path):
    file = tmp_path / "config.py"
    file.write_text('# so that a manifest is made\nconfig.url_root = "https://example.com/zooniverse"\n')
    config = PlotImageSubtractionCutoutsConfig(sizes=[60])
    config.load(file)
    assert config == PlotImageSubtractionCutoutsConfig(sizes=[60], url_root="https://example.com/zooniverse")


@pytest.mark.parametrize("bad", ["config.size = 63", "config.sizes = 63", "config.sizes = range(3)"])
def test_a_file_with_an_error_sets_nothing_and_names_the_line(tmp_path, bad):
    file = tmp_path / "config.py"
    file.write_text(f"config.add_metadata = False\n{bad}\n")
    config = PlotImageSubtractionCutoutsConfig()
    with pytest.raises(BadOption, match="line 2"):
        config.load(file)
    assert config == PlotImageSubtractionCutoutsConfig()


def test_a_configuration_is_a_mapping_of_its_fields():
    config = PlotImageSubtractionCutoutsConfig(sizes=[63])
    assert list(config) == list(config.keys()) == list(config.toDict())
    assert dict(config.items()) == config.toDict()
    assert next(iter(config.values())) == [63]
    assert "sizes" in config
    assert "size" not in config


def test_a_saved_file_is_readable_by_the_original(tmp_path):
    config = PlotImageSubtractionCutoutsConfig(sizes=[32, 64], url_root="https://example.org/a'b")
    config.save(tmp_path / "config.py")
    first, second, *rest = (tmp_path / "config.py").read_text().splitlines()
    module = "lsst.analysis.ap.plotImageSubtractionCutouts"
    assert first == f"import {module}"
    assert second.startswith(f"assert type(config) is {module}.PlotImageSubtractionCutoutsConfig, f'")
    assert rest[:2] == ["config.sizes=[32, 64]", "config.use_footprint=False"]
    again = PlotImageSubtractionCutoutsConfig()
    again.load(tmp_path / "config.py")
    assert again == config
    assert [path.name for path in tmp_path.iterdir()] == ["config.py"]


def test_a_saved_file_can_be_executed_by_the_original():
    """Load a file as the stack does: with its own class in place of ours."""

    class Ancestor:
        pass

    Ancestor.__name__ = "PlotImageSubtractionCutoutsConfig"
    config = Ancestor()
    text = PlotImageSubtractionCutoutsConfig(url_root="https://example.org").saveToString()
    kind = "lsst.analysis.ap.plotImageSubtractionCutouts.PlotImageSubtractionCutoutsConfig"
    text = text.replace("import lsst.analysis.ap.plotImageSubtractionCutouts\n", "").replace(kind, "kind")
    exec(text, {"config": config, "kind": Ancestor})
    assert (config.sizes, config.url_root, config.chunk_size) == ([30], "https://example.org", 10_000)


def test_an_unwritable_path_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="cannot write"):
        PlotImageSubtractionCutoutsConfig().save(tmp_path / "file" / "config.py")


def test_strings_and_open_files_can_be_loaded(tmp_path):
    config = PlotImageSubtractionCutoutsConfig()
    config.loadFromString("config.sizes.append(60)\nconfig.chunk_size = 10**3")
    assert (config.sizes, config.chunk_size) == ([30, 60], 1000)
    config.loadFromStream(io.StringIO("config.add_metadata = False"))
    stream = io.StringIO()
    config.saveToStream(stream)
    again = PlotImageSubtractionCutoutsConfig()
    again.loadFromStream(stream.getvalue())
    assert again == config


def test_an_invalid_assignment_is_reported_with_its_line():
    config = PlotImageSubtractionCutoutsConfig()
    with pytest.raises(BadOption, match=r"the text, line 2: sizes lists each width once"):
        config.loadFromString("config.add_metadata = False\nconfig.sizes.append(30)")
    with pytest.raises(BadOption, match="root is the name 'config'"):
        config.loadFromString("c.sizes = [1]", root="c")
    assert config == PlotImageSubtractionCutoutsConfig()


def test_errors_also_have_the_types_of_the_original():
    config = PlotImageSubtractionCutoutsConfig()
    with pytest.raises(RuntimeError, match="chunk_size must be a power of 10"):
        config.chunk_size = 123
    with pytest.raises(AttributeError):
        config.size = 1
    assert not hasattr(config, "size")
