"""How labelling by hand goes: when a label is taken, where the focus goes next, which keys do what."""

from __future__ import annotations

from typing import Any

import traitlets as t

from cutout_widgets.widget.keymap import keymap_of

__all__ = ["Flow"]


class Flow(t.HasTraits):
    """The part of a grid's synced state that is about how labels are given."""

    label_after_ms = t.Int(
        100, min=0, help="how long a source must have been on the screen before it takes a label"
    ).tag(sync=True)
    keymap = t.Dict(help="changes of the keys: name of an action -> its key, or a list of keys").tag(
        sync=True
    )

    @t.validate("keymap")
    def _check_keymap(self, proposal: Any) -> dict[str, list[str]]:
        return keymap_of(proposal["value"])
