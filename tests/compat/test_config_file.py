"""Configuration files are read, not run."""

from __future__ import annotations

import pytest

from cutout_widgets.compat.config_file import Assignment, read_assignments
from cutout_widgets.errors import BadOption


@pytest.fixture
def read(tmp_path):
    def read_text(text: str | bytes):
        path = tmp_path / "config.py"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_assignments(path)

    return read_text


def test_literals_are_read_with_their_lines(read):
    assert read("# why\nconfig.url_root = 'https://example.org'  # where\n\nconfig.sizes = [30, -1]\n") == [
        Assignment("url_root", "https://example.org", 2),
        Assignment("sizes", [30, -1], 4),
    ]


@pytest.mark.parametrize(
    "text, line",
    [
        ("config.a = 1\nimport os", 2),
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
        ("config.a += 1", 1),
        ("config.a: int = 1", 1),
        ("\n\nfor i in [1]:\n    config.a = 1", 3),
        ("if True: config.a = 1", 1),
        ("'a sentence'", 1),
        ("config.load('x')", 1),
        ("del config.a", 1),
    ],
)
def test_anything_but_a_literal_assignment_is_refused_with_its_line(read, text, line):
    with pytest.raises(BadOption, match=rf"line {line}: wanted config\.field = literal"):
        read(text)


def test_what_nests_too_deeply_for_python_is_refused(read):
    # Python 3.12 gives up on it, 3.13 reads it as a statement that is no assignment.
    with pytest.raises(BadOption, match=r"wanted config\.field = literal"):
        read("f" + "()" * 5000)
    with pytest.raises(BadOption, match=r"wanted config\.field = literal"):
        read("config.a = " + "-" * 50_000 + "1")


def test_the_refused_line_is_quoted(read):
    with pytest.raises(BadOption, match=r"line 2: .* found 'config\.a = 10\*\*4 # many';"):
        read("config.b = 1\nconfig.a = 10**4   # many\n")


def test_nothing_in_the_file_is_run(read, tmp_path):
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
def test_what_is_not_python_is_refused_in_a_sentence(read, text):
    with pytest.raises(BadOption, match=r"config\.py"):
        read(text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadOption, match=r"none\.py cannot be read"):
        read_assignments(tmp_path / "none.py")


def test_a_file_of_comments_sets_nothing(read):
    assert read("# nothing\n\n") == []
