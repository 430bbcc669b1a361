"""Settings of labelling: the labels, when one is accepted, where the focus moves, the keys."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import traitlets as t

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.keymap import keymap_of
from cutout_widgets.widget.labelling.choices import keys_with
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.traits import refusing

__all__ = ["LABELLING_OPTIONS", "LabellingState"]

LABELLING_OPTIONS = ("advance", "label_after_ms", "seen_after_s", "keymap")
"""Traits that can be set when a grid is created."""


class LabellingState(t.HasTraits):
    """The synced state of a grid for labelling by hand."""

    advance = t.Bool(True, help="whether the focus moves on to the next source without a label").tag(
        sync=True
    )
    label_after_ms = t.Int(
        100, min=0, help="how long a source must have been on the screen before it takes a label"
    ).tag(sync=True)
    seen_after_s = t.Float(
        1.0, min=0, help="how long a source must be in sight to be marked as seen; 0: not by itself"
    ).tag(sync=True)
    keymap = t.Dict(help="changes of the keys: name of an action -> its key, or a list of keys").tag(
        sync=True
    )

    _label_choices: tuple[protocol.LabelChoice, ...] = ()
    _words: tuple[str, ...] = ()

    def _offer(self, label_choices: Iterable[protocol.LabelChoice]) -> None:
        """Set the label choices; raise if another action has one of their keys."""
        self._label_choices = tuple(label_choices)
        self._words = tuple(one["word"] for one in self._label_choices)
        keymap_of({}, keys_with(self._label_choices))

    @t.validate("seen_after_s")
    @refusing
    def _check_seen_after(self, proposal: Any) -> float:
        if not math.isfinite(proposal["value"]):
            raise BadOption(f"seen_after_s is in seconds, 0 for never by itself; got {proposal['value']}")
        return float(proposal["value"])

    @t.validate("keymap")
    def _check_keymap(self, proposal: Any) -> dict[str, list[str]]:
        return keymap_of(proposal["value"], keys_with(self._label_choices))
