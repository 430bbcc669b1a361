from pathlib import PurePosixPath

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.outputs.layout import Layout

ID = 506428274000265573


def test_a_figure_is_in_the_folder_of_its_ten_thousand():
    assert Layout().figure(ID) == PurePosixPath("images/506428274000260000/506428274000265573.png")


def test_without_chunks_all_figures_are_in_one_folder():
    assert Layout(chunk_size=None).figure(ID) == PurePosixPath("images/506428274000265573.png")


def test_a_negative_id_has_a_folder_below_it():
    assert Layout(chunk_size=100).figure(-5) == PurePosixPath("images/-100/-5.png")


def test_arrays_are_named_by_panel_and_size():
    assert Layout().array(12, "template", 30) == PurePosixPath("numpy/0/12_temp_30.npy")
    assert Layout().array(12, "science", 30) == PurePosixPath("numpy/0/12_sci_30.npy")
    assert Layout().array(12, "difference", 30) == PurePosixPath("numpy/0/12_diff_30.npy")


@pytest.mark.parametrize("root", ["https://lsst.org/set1", "https://lsst.org/set1/"])
def test_the_url_is_the_root_plus_the_figure_path(root):
    layout = Layout(url_root=root)
    assert layout.url(ID) == f"https://lsst.org/set1/{layout.figure(ID)}"


def test_manifest_rows_of_each_dialect_name_the_figure():
    assert Layout(url_root="http://h").row(7) == ("7", "http://h/images/0/7.png", "7")
    assert Layout(dialect="lab").row(7) == ("images/0/7.png", "7")
    assert Layout(dialect="cli").columns == ("image", "!diaSourceId")


def test_only_url_dialects_require_a_root_for_a_manifest():
    assert not Layout().has_manifest
    assert Layout(url_root="http://h").has_manifest
    assert Layout(dialect="lab").has_manifest


def test_an_opaque_name_depends_on_the_secret_and_hides_the_id():
    one, other = Layout(blind_key="a"), Layout(blind_key="b")
    assert one.name(ID) != other.name(ID)
    assert one.name(ID) == Layout(blind_key="a").name(ID)
    assert str(ID) not in str(one.figure(ID))
    assert one.figure(ID).parent.name == one.name(ID)[:2]


def test_an_opaque_row_has_no_id():
    layout = Layout(url_root="http://h", blind_key="a")
    assert layout.columns == ("external_id", "location:1")
    assert str(ID) not in "".join(layout.row(ID))
    assert Layout(dialect="lab", blind_key="a").columns == ("image",)


@pytest.mark.parametrize("size", [0, -10, 5, 20, 999, 10.0, True, "10"])
def test_a_chunk_size_that_is_not_a_power_of_ten_is_refused(size):
    with pytest.raises(BadOption, match="power of ten"):
        Layout(chunk_size=size)


@pytest.mark.parametrize("size", [1, 10, 10_000, 10**18])
def test_powers_of_ten_are_chunk_sizes(size):
    assert Layout(chunk_size=size).figure(ID).name == f"{ID}.png"


@pytest.mark.parametrize(
    "root",
    [
        "http://h/?a=1",
        "http://h/#x",
        "http://h/a b",
        "http://h/\nx",
        "http://h/\0",
        "http://",
        "http://[h/",
        "//h/a",
        "h/a",
        "",
        "javascript:alert(1)",
        "file:///data",
        5,
    ],
)
def test_a_root_that_is_not_a_plain_url_is_refused(root):
    with pytest.raises(BadOption, match="url_root"):
        Layout(url_root=root)


@pytest.mark.parametrize("wrong", [{"format": "gif"}, {"dialect": "zooniverse"}])
def test_unknown_names_are_refused_with_the_valid_ones(wrong):
    with pytest.raises(BadOption, match="is one of"):
        Layout(**wrong)


@pytest.mark.parametrize("id_", ["../../etc/passwd", 1.5, None, "7/../8"])
def test_only_integer_ids_are_accepted(id_):
    with pytest.raises((TypeError, ValueError)):
        Layout(chunk_size=None).figure(id_)


def test_a_password_appears_neither_in_the_manifest_nor_in_messages():
    with pytest.raises(BadOption, match="without user, query") as told:
        Layout(url_root="https://me:hunter2@example.org/cutouts")
    assert "hunter2" not in str(told.value)
