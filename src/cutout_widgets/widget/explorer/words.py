"""The words above a plot."""

from __future__ import annotations

import html

import ipywidgets

__all__ = ["Words"]

STYLE = "font-size: 12px; line-height: 1.3; text-align: center"


class Words(ipywidgets.HTML):  # type: ignore[misc]  # ipywidgets has no types
    """A sentence above a plot, wrapped to its width; the title of a bqplot figure is cut off instead."""

    def __init__(self) -> None:
        super().__init__(layout={"width": "auto", "margin": "2px 8px 0"})
        self.text = ""

    def say(self, text: str) -> None:
        """Show other words; they may contain anything."""
        self.text = text
        self.value = f'<div style="{STYLE}">{html.escape(text)}</div>'
