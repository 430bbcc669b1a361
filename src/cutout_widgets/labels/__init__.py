"""Labels that people give to sources: the journal, its exchange with other tools, and agreement."""

from cutout_widgets.labels.identifiers import identifiers
from cutout_widgets.labels.journal import Change, Label, LabelJournal

__all__ = ["Change", "Label", "LabelJournal", "identifiers"]
