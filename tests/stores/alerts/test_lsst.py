"""The built-in LSST schemas are what fastavro accepts and what LSST's field lists say."""

from __future__ import annotations

import pytest

from cutout_widgets.stores.alerts.lsst import VERSIONS, lsst_schema


def fields_of(version: str, record: str) -> dict:
    """Name -> type of a record, wherever it is spelled out."""

    def search(schema):
        if isinstance(schema, list):
            return next((found for found in map(search, schema) if found), None)
        if isinstance(schema, dict):
            if schema.get("name") == record and schema.get("type") == "record":
                return {field["name"]: field["type"] for field in schema["fields"]}
            inner = [field["type"] for field in schema.get("fields", ())]
            return search([*inner, schema.get("items"), schema.get("type")])
        return None

    return search(lsst_schema(version))


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_a_schema_whose_names_are_unique(version: str):
    fastavro = pytest.importorskip("fastavro")
    parsed = fastavro.parse_schema(lsst_schema(version))
    assert parsed["name"] == f"lsst.v{version.replace('.', '_')}.alert"


# Counts of fields as the public schema of each version has them.
@pytest.mark.parametrize(
    ("version", "record", "count"),
    [
        ("7.0", "diaSource", 136), ("7.2", "diaSource", 137), ("7.4", "diaSource", 140),
        ("8.0", "diaSource", 97), ("9.0", "diaSource", 98), ("11.1", "diaSource", 102),
        ("7.0", "diaForcedSource", 10), ("8.0", "diaForcedSource", 13), ("11.1", "diaForcedSource", 14),
        ("7.4", "diaObject", 82), ("11.0", "diaObject", 82), ("9.0", "MPCORB", 12),
        ("10.0", "mpc_orbits", 53), ("8.0", "ssSource", 24), ("10.0", "ssSource", 39), ("7.0", "alert", 10),
        ("9.0", "alert", 12),
    ],
)  # fmt: skip
def test_records_have_the_number_of_fields_of_the_public_schemas(version: str, record: str, count: int):
    assert len(fields_of(version, record)) == count


def test_changes_between_schema_versions_are_correct():
    old, new = list(fields_of("7.3", "diaSource")), list(fields_of("7.4", "diaSource"))
    assert old[old.index("is_negative") - 1] == "centroid_flag"
    assert new[new.index("is_negative") - 1] == "apFlux_flag_apertureTruncated"
    assert fields_of("10.0", "diaSource")["bboxSize"] == ["null", "int"]
    assert fields_of("11.0", "diaSource")["bboxSize"] == "int"
    assert list(fields_of("7.1", "diaForcedSource"))[1:4] == ["diaObjectId", "ra", "dec"]


def test_an_unknown_version_is_refused():
    with pytest.raises(KeyError):
        lsst_schema("1.0")
