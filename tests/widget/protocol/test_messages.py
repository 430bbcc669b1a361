"""Messages to the browser are defined once."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints, is_typeddict

import pytest

from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.typescript import as_typescript

PROTOCOL = Path(__file__).parents[3] / "js" / "src" / "protocol"


def test_the_front_end_has_the_same_protocol():
    found = {path.name: path.read_text("utf-8") for path in PROTOCOL.iterdir()}
    assert found == as_typescript(), (
        "stale: python -m cutout_widgets.widget.protocol.typescript js/src/protocol"
    )


@pytest.mark.parametrize("name", [name for name, one in vars(protocol).items() if is_typeddict(one)])
def test_no_id_is_sent_as_a_number(name):
    hints = get_type_hints(getattr(protocol, name))
    assert {key: hint for key, hint in hints.items() if key in ("id", "inspected")}.items() <= {
        ("id", str),
        ("inspected", str | None),
    }
    assert hints.get("ids", list[str]) == list[str]


def test_all_parts_of_a_type_are_generated():
    files = as_typescript()
    assert "sort: string | null;" in files["messages.ts"]
    assert "shape: [number, number];" in files["tiles.ts"]
    assert 'export type PanelName = "template" | "science" | "difference";' in files["parts.ts"]
    assert "/** 0-based. */" in files["messages.ts"]


def test_a_type_of_another_module_is_imported_from_its_file():
    assert 'from "./parts";' in as_typescript()["tiles.ts"]


def test_a_type_without_typescript_equivalent_is_refused():
    from cutout_widgets.widget.protocol.typescript import _type

    with pytest.raises(TypeError, match="no TypeScript for"):
        _type(complex)
