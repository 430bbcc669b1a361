"""The command ``cutout-widgets``: each command is a thin call of the library."""

from cutout_widgets.cli.commands import main

__all__ = ["main"]
