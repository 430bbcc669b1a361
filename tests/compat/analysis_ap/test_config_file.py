"""Configuration files are read, not run."""

from __future__ import annotations

import pytest

from cutout_widgets.compat.analysis_ap.config_file import Statement, read_file, read_text
from cutout_widgets.errors import BadOption


@pytest.fixture
def read(tmp_path):
    def read_text(text: str | bytes):
        path = tmp_path / "config.py"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_file(path, "PlotImageSubtractionCutoutsConfig")

    return read_text


def test_literals_are_read_with_line_numbers(read):
    assert read("# why\nconfig.url_root = 'https://example.org'  # where\n\nconfig.sizes = [30, -1]\n") == [
        Statement("url_root", 2, "https://example.org"),
        Statement("sizes", 4, [30, -1]),
    ]


@pytest.mark.parametrize(
    "text, line",
    [
        ("config.a = open('x').read()", 1),
        ("config.a = [30] * 2", 1),
        ("config.a = (lambda: 1)()", 1),
        ("config.a = f'{1}'", 1),
        ("config.a = config.b", 1),
        ("config.a.b = 1", 1),
        ("config['a'] = 1", 1),
        ("root.a = 1", 1),
        ("a = 1", 1),
        ("config = 1", 1),
        ("config.a = config.b = 1", 1),
        ("config.a, config.b = 1, 2", 1),
        ("config.a -= 1", 1),
        ("config.a = 'x' * 10**9", 1),
        ("config.a = 10**10**10", 1),
        ("config.a = 2**64", 1),
        ("config.a = 1 / 0", 1),
        ("config.a = (-8) ** 0.5", 1),
        ("config.a = True + 1", 1),
        ("config.a = [1] + 'b'", 1),
        ("config.a = {'b': 1}", 1),
        ("config.a = b'x'", 1),
        ("config.a = 1j", 1),
        ("config.a.sort()", 1),
        ("config.a.append(1, 2)", 1),
        ("config.a.append(x=1)", 1),
        ("config.a.append(open('x'))", 1),
        ("assert config.a == 1", 1),
        ("config.b = 1\n'a sentence'", 2),
        ("config.a: int = 1", 1),
        ("\n\nfor i in [1]:\n    config.a = 1", 3),
        ("if True: config.a = 1", 1),
        ("config.load('x')", 1),
        ("del config.a", 1),
    ],
)
def test_anything_but_an_assignment_is_refused_with_its_line(read, text, line):
    with pytest.raises(BadOption, match=rf"line {line}: wanted config\.field = value"):
        read(text)


def test_expressions_nested_too_deeply_are_refused(read):
    # Python 3.12 gives up on it, 3.13 reads it as a statement that is no assignment.
    with pytest.raises(BadOption, match=r"wanted config\.field = value"):
        read("f" + "()" * 5000)
    with pytest.raises(BadOption, match=r"wanted config\.field = value"):
        read("config.a = " + "-" * 50_000 + "1")


def test_the_refused_line_is_quoted(read):
    with pytest.raises(BadOption, match=r"line 2: .* found 'config\.a = many\(4\) # so';"):
        read("config.b = 1\nconfig.a = many(4)   # so\n")


def test_a_number_that_is_too_large_is_reported():
    with pytest.raises(BadOption, match=r"that number is too large"):
        read_text("config.a = 9**99", "the text", "Any")


def test_no_code_in_the_file_is_executed(read, tmp_path):
    with pytest.raises(BadOption):
        read(f"config.a = open({str(tmp_path / 'made')!r}, 'w')")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "text",
    [
        "config.a = (",
        b"config.a = '\xff'",
        b"\x00",
        "config.a = " + "(" * 5000 + ")" * 5000,
    ],
    ids=["unclosed", "not UTF-8", "NUL", "too deep"],
)
def test_a_file_that_is_not_python_is_refused(read, text):
    with pytest.raises(BadOption, match=r"config\.py"):
        read(text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadOption, match=r"none\.py cannot be read"):
        read_file(tmp_path / "none.py", "Any")


def test_a_file_of_comments_sets_nothing(read):
    assert read("# nothing\n\n") == []


@pytest.mark.parametrize(
    "text, value",
    [
        ("10**4", 10000),
        ("2 * 15", 30),
        ("-(7 // 2) % 5", 2),
        ("1e3 / 4", 250.0),
        ("'https://example.org' + '/cutouts'", "https://example.org/cutouts"),
        ("('https://example.org'\n    '/cutouts')", "https://example.org/cutouts"),
        ("[30] + [60]", [30, 60]),
        ("(30, 2 * 30)", [30, 60]),
        ("None", None),
    ],
)
def test_expressions_are_evaluated_without_executing_code(read, text, value):
    assert read(f"config.a = {text}") == [Statement("a", 1, value)]


@pytest.mark.parametrize(
    "text, after",
    [
        ("config.a.append(60)", [30, 60]),
        ("config.a.extend([60, 90])", [30, 60, 90]),
        ("config.a += [60]", [30, 60]),
        ("config.a.insert(0, 15)", [15, 30]),
        ("config.a.remove(30)", []),
    ],
)
def test_list_methods_are_applied(read, text, after):
    (one,) = read(text)
    before = [30]
    assert one.applied_to(before) == after
    assert before == [30]


def test_an_invalid_list_change_is_refused(read):
    (one,) = read("config.a.remove(60)")
    with pytest.raises(BadOption, match=r"remove\(60\) does not fit"):
        one.applied_to([30])
    with pytest.raises(BadOption, match="not a list"):
        one.applied_to(30)


SAVED = """import lsst.analysis.ap.plotImageSubtractionCutouts
assert type(config) is lsst.analysis.ap.plotImageSubtractionCutouts.{}, f'config is of type {{type(config)}}'
# List of widths of cutout to extract for image from science, template, and difference exposures.
config.sizes=[30]
"""


def test_the_header_lines_written_by_the_stack_are_accepted(read):
    assert read(SAVED.format("PlotImageSubtractionCutoutsConfig")) == [Statement("sizes", 4, [30])]
    older = "import a\nassert type(config)==a.PlotImageSubtractionCutoutsConfig, 'no' % ()\nconfig.b=1"
    assert read(older) == [Statement("b", 3, 1)]


def test_a_file_for_another_configuration_class_is_refused(read):
    with pytest.raises(BadOption, match="line 2: it is of CalibrateConfig; wanted a file of Plot"):
        read(SAVED.format("CalibrateConfig"))


def test_a_docstring_at_the_top_is_ignored(read):
    assert read('"""What this is for."""\nconfig.a = 1') == [Statement("a", 2, 1)]
