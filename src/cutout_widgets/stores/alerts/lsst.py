"""The Avro schemas of LSST alert packets, for messages without one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["VERSIONS", "lsst_schema"]

_Fields = list[tuple[str, str]]
"""Name and type of each field of a record, in wire order."""

_TYPES: dict[str, Any] = {
    "L": "long",
    "I": "int",
    "F": "float",
    "D": "double",
    "B": "boolean",
    "S": "string",
    "Y": "bytes",
    "T": {"type": "long", "logicalType": "timestamp-micros"},
}

VERSIONS = ("11.1", "11.0", "10.0", "9.0", "8.0", "7.4", "7.3", "7.2", "7.1", "7.0")
"""Known versions, newest first."""


def lsst_schema(version: str) -> dict[str, Any]:
    """Return the Avro schema of an LSST alert packet.

    Parameters
    ----------
    version
        One of `VERSIONS`.

    Raises
    ------
    KeyError
        If the version is unknown.
    """
    records = _records()[version]
    defined: set[str] = set()
    schema = _record("alert", records, f"lsst.v{version.replace('.', '_')}", defined)
    assert isinstance(schema, dict)
    return schema


def _record(name: str, records: dict[str, _Fields], namespace: str, defined: set[str]) -> Any:
    """Return the schema of a record, or its name if it is already defined."""
    if name in defined:
        return f"{namespace}.{name}"
    defined.add(name)
    fields = []
    for field, kind in records[name]:
        inner, mark = kind.rstrip("?[]"), kind[len(kind.rstrip("?[]")) :]
        if inner.upper() in _TYPES and not mark and len(inner) == 1:
            plain = _TYPES[inner.upper()]
            fields.append({"name": field, "type": plain if inner.isupper() else ["null", plain]})
            continue
        other = _record(inner, records, namespace, defined)
        whole = {"": other, "?": ["null", other], "[]": ["null", {"type": "array", "items": other}]}[mark]
        fields.append({"name": field, "type": whole})
    return {"type": "record", "name": name, "namespace": namespace, "fields": fields}


@cache
def _records() -> dict[str, dict[str, _Fields]]:
    """Return the records of each version."""
    versions: dict[str, dict[str, _Fields]] = {}
    current: dict[str, _Fields] = {}
    for head, tokens in _entries():
        version, record, *changes = head
        if version not in versions:
            versions[version] = current = dict(current)
        current[record] = _changed(current[record], tokens) if changes else _listed(tokens)
    return versions


def _entries() -> Iterator[tuple[list[str], list[str]]]:
    """Yield each entry of the text: the words before the bar and those after it."""
    text = files("cutout_widgets.stores.alerts").joinpath("lsst_alerts.txt").read_text(encoding="utf-8")
    joined = text.replace("\n    ", " ")
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            head, _, rest = line.partition(" | ")
            yield head.split(), rest.split()


def _listed(tokens: list[str]) -> _Fields:
    """Parse a complete list of fields."""
    fields: _Fields = []
    kind = ""
    for token in tokens:
        if token.endswith(":"):
            kind = token[:-1]
        elif "=" in token:
            name, _, record = token.partition("=")
            fields.append((name, record))
        else:
            fields.append((token, kind))
    return fields


def _changed(before: _Fields, tokens: list[str]) -> _Fields:
    """Apply the changes from one version to the next."""
    fields = list(before)
    for token in tokens:
        if token.startswith("-"):
            fields = [(name, kind) for name, kind in fields if name != token[1:]]
            continue
        kind, _, rest = token.partition(":")
        name, _, after = rest.partition(">")
        if after:
            fields.insert([one for one, _ in fields].index(after) + 1, (name, kind))
        else:
            fields = [(one, kind if one == name else old) for one, old in fields]
    return fields
