"""Tables in text files as people write them: encodings, comments, separators, damaged rows."""

from __future__ import annotations

import gzip
import warnings

import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable, CutoutWarning

ID = 506428274000265570
"""Above 2**53, so that a detour through float64 would change it."""

PLAIN = f"diaSourceId,ra,dec,band,note\n{ID},53.1,-28.2,r,first\n{ID + 1},53.2,-28.3,g,second\n"
ROWS = {
    "diaSourceId": [ID, ID + 1],
    "ra": [53.1, 53.2],
    "dec": [-28.2, -28.3],
    "band": ["r", "g"],
    "note": ["first", "second"],
}
HEADER, FIRST, SECOND = PLAIN.splitlines()
SPACES = "\n".join(line.replace(",", "   ") for line in PLAIN.splitlines())

SAME = {
    "plain": PLAIN,
    "comments before the names": f"# made by me\n#, with, commas; and more\n{PLAIN}",
    "comments between the rows": f"{HEADER}\n{FIRST}\n# in the middle\n{SECOND}\n# the end\n",
    "names in a comment": f"# made by me\n# {PLAIN}",
    "empty lines": f"\n\n{HEADER}\n{FIRST}\n\n{SECOND}\n\n",
    "UTF-8 with a byte order mark": PLAIN.encode("utf-8-sig"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-be"),
    "semicolons": PLAIN.replace(",", ";"),
    "semicolons and decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "tabs": PLAIN.replace(",", "\t"),
    "bars": PLAIN.replace(",", "|"),
    "aligned by spaces": SPACES,
    "aligned by spaces, names in a comment": f"# {SPACES}",
    "a space after each comma": PLAIN.replace(",", ", "),
    "quotation marks after spaces": PLAIN.replace(",", ", ").replace("first", '"first"'),
    "the separator in the first line": f"sep=;\n{PLAIN.replace(',', ';')}",
    "old Macintosh line ends": PLAIN.replace("\n", "\r"),
    "Windows line ends": PLAIN.replace("\n", "\r\n"),
    "no final line end": PLAIN.rstrip(),
    "rows that end in a comma": f"{HEADER}\n{FIRST},\n{SECOND},\n",
    "names that end in a comma": f"{HEADER},\n{FIRST}\n{SECOND}\n",
    "all lines end in a comma": f"{HEADER},\n{FIRST},\n{SECOND},\n",
    "identifiers in quotation marks": PLAIN.replace(f"{ID},", f'"{ID}",'),
}


def read(tmp_path, content: str | bytes, name: str = "table.csv") -> SourceTable:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return SourceTable.read(tmp_path / name)


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_each_form_of_the_same_table_gives_the_same_rows(content, tmp_path):
    assert read(tmp_path, content).to_pandas().to_dict("list") == ROWS


@pytest.mark.parametrize("name", ["a.tsv", "a.tab", "a.txt", "a.dat", "a.asc", "a.tbl", "a.ecsv", "a.CSV"])
def test_the_content_and_not_the_extension_tells_the_separator(name, tmp_path):
    assert read(tmp_path, PLAIN, name).to_pandas().to_dict("list") == ROWS


def test_a_compressed_file_may_have_comments(tmp_path):
    assert len(read(tmp_path, gzip.compress(f"# mine\n{PLAIN}".encode()), "a.csv.gz")) == 2


def test_latin_1_is_read_with_a_warning(tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN.replace("first", "café").encode("latin-1"))
    with pytest.warns(CutoutWarning, match="not UTF-8"):
        table = SourceTable.read(tmp_path / "a.csv")
    assert table.to_pandas()["note"].tolist() == ["café", "second"]


def test_rows_skipped_as_comments_are_reported(tmp_path):
    (tmp_path / "a.csv").write_text(f"# {HEADER}\n{FIRST}\n#{SECOND}\n# the end\n")
    with pytest.warns(CutoutWarning, match="1 line with as many values as there are names"):
        assert len(SourceTable.read(tmp_path / "a.csv")) == 1


@pytest.mark.parametrize("note", ['"a\n# no comment"', '"a\nb"', '"a, b"', "#1", '5" off', "x" * 2_000_000])
def test_a_value_may_have_line_ends_hashes_and_any_length(note, tmp_path):
    table = read(tmp_path, PLAIN.replace("first", note))
    assert table.to_pandas()["note"].tolist() == [note.strip('"'), "second"]


@pytest.mark.parametrize("content", [HEADER, f"{HEADER}\n", f"# mine\n{HEADER}\n\n"])
def test_a_table_may_have_no_rows(content, tmp_path):
    table = read(tmp_path, content)
    assert len(table) == 0
    assert list(table.to_pandas()) == list(ROWS)


def test_a_name_may_contain_a_line_end(tmp_path):
    assert read(tmp_path, f'diaSourceId,ra,dec,"a\nb"\n{ID},1,2,7\n').to_pandas()["a\nb"].tolist() == [7]


def test_thousands_of_columns_are_read(tmp_path):
    names = ",".join(f"c{k}" for k in range(3000))
    table = read(tmp_path, f"diaSourceId,ra,dec,{names}\n{ID},1,2{',7' * 3000}\n")
    assert table.to_pandas()["c2999"].tolist() == [7]


def test_the_index_that_pandas_writes_gets_a_name(tmp_path):
    content = f",diaSourceId,ra,dec\n0,{ID},1,2\n"
    assert read(tmp_path, content).to_pandas()["unnamed_1"].tolist() == [0]


def test_small_identifiers_that_pandas_wrote_as_floats_are_read(tmp_path):
    assert read(tmp_path, "id,ra,dec\n7.0,1,2\n8.0,1,2\n").to_pandas()["id"].tolist() == [7, 8]


REFUSED = {
    "a short row": (f"{HEADER}\n{FIRST}\n5,1,2\n", "line 3: 3 values, but the first line names 5 columns"),
    "a long row": (f"# x\n{HEADER}\n{FIRST},7,8\n", "line 3: 7 values, but the first line names 5 columns"),
    "an open quotation mark": (
        PLAIN.replace("first", '"first'),
        "line 2: a quotation mark is opened",
    ),
    "a name twice": (f"{HEADER},ra\n{FIRST},1\n", "two columns named 'ra'"),
    "nothing": ("", "is empty"),
    "empty lines": ("\n\n", "is empty"),
    "a web page": ("<!DOCTYPE html><p>404", "web page"),
    "JSON": ('{"a": 1}', "is JSON"),
    "Parquet": (b"PAR1\x15\x04", "is a Parquet file"),
    "bytes": (bytes(range(256)), "control characters"),
    "identifiers with an exponent": ("diaSourceId,ra,dec\n5.06e17,1,2\n", "floating-point number"),
    "identifiers of 64 bits without sign": (
        f"diaSourceId,ra,dec\n{2**63},1,2\n",
        f"not a signed 64-bit.*{2**63}",
    ),
    "identifiers of 5000 digits": (f"diaSourceId,ra,dec\n{'9' * 5000},1,2\n", "not a signed 64-bit.*999"),
    "large identifiers as floats": (f"diaSourceId,ra,dec\n{ID}.0,1,2\n", "floating-point number"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_damaged_text_is_refused_in_a_sentence_of_ours(content, words, tmp_path):
    with pytest.raises(BadTable, match=words) as caught:
        read(tmp_path, content)
    assert "Arrow" not in str(caught.value)


ECSV = (
    "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: diaSourceId, datatype: int64}\n"
    "# - {name: ra, datatype: float64}\n# - {name: dec, datatype: float64}\n"
    f"diaSourceId ra dec\n{ID} 1.0 2.0\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["a.ecsv", "a.csv", "a.txt"])
def test_ecsv_is_read_in_each_encoding_and_under_each_name(name, encoding, tmp_path):
    assert read(tmp_path, ECSV.encode(encoding), name).ids.tolist() == [ID]


def test_a_table_of_irsa_is_read(tmp_path):
    content = (
        "\\fixlen = T\n"
        "|                 id|    ra|   dec|\n"
        "|               long|double|double|\n"
        f" {ID:>19}    1.0    2.0\n"
    )
    assert read(tmp_path, content, "a.tbl").ids.tolist() == [ID]
