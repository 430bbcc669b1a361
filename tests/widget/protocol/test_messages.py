"""Messages to the browser are defined once."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints, is_typeddict

import pytest

from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.typescript import as_typescript

PROTOCOL_TS = Path(__file__).parents[3] / "js" / "src" / "protocol.ts"


def test_the_front_end_has_the_same_protocol():
    assert PROTOCOL_TS.read_text("utf-8") == as_typescript(), (
        "stale: python -m cutout_widgets.widget.protocol.typescript js/src/protocol.ts"
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
    text = as_typescript()
    assert "sort: string | null;" in text
    assert "shape: [number, number];" in text
    assert 'export type PanelName = "template" | "science" | "difference";' in text
    assert "/** 0-based. */" in text


def test_a_type_without_typescript_equivalent_is_refused():
    from cutout_widgets.widget.protocol.typescript import _type

    with pytest.raises(TypeError, match="no TypeScript for"):
        _type(complex)
