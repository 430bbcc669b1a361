"""The part of a grid that labels sources and informs all views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import traitlets as t

from cutout_widgets.labels.entries import Change
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.widget.labelling.labelling import LabelAction, Labelling
    from cutout_widgets.widget.pages.pages import Pages

__all__ = ["Labelled"]


class Labelled(t.HasTraits):
    """Synced state about labels, and the Python methods that set them."""

    labelling = t.Bool(False, help="whether labels have a journal to go to").tag(sync=True)
    labelling_problem = t.Unicode("", help="why labels cannot be read or written now").tag(sync=True)
    blind = t.Bool(False, help="whether sources are shown by numbers alone").tag(sync=True)
    who = t.Unicode("", help="who labels").tag(sync=True)
    progress = t.Dict(help="labels of the rows that pass the filter").tag(sync=True)
    progress_of_all = t.Dict(help="labels of all rows").tag(sync=True)

    _journal: Labelling
    _pages: Pages
    _words: tuple[str, ...]
    where: str | None
    sort: str | None
    send: Any
    _renew_snapshot: Any

    def label(
        self, ids: int | str | Iterable[int | str], label: str | None, *, note: str = ""
    ) -> dict[int, str | None]:
        """Label sources; on return the labels are on disk and all views show them.

        Parameters
        ----------
        ids
            One id or several.
        label
            Any word; None removes the label.
        note
            A note to keep with the label.

        Returns
        -------
        dict
            Id -> label, for the given ids.

        Raises
        ------
        BadOption
            If the grid was made without `labels`.
        NotWritable
            If the journal cannot be written; no source is labelled then.
        """
        action = self._journal.label(ids, label, note=note)
        self._publish(action)
        return action.changes.labels()

    def undo(self) -> list[Change]:
        """Undo the last labelling.

        Returns
        -------
        list of Change
            The ids with their labels before (``was``) and after (``now``); empty if there is nothing to undo.
        """
        action = self._journal.undo()
        self._publish(action)
        return list(action.changes)

    def redo(self) -> list[Change]:
        """Redo what was undone last, unless something was labelled since; returns as `undo`."""
        action = self._journal.redo()
        self._publish(action)
        return list(action.changes)

    def note(self, id: int | str, note: str) -> None:
        """Add a note to a source, labelled or not; an empty text removes it."""
        self._publish(self._journal.note(id, note))

    def see(self, ids: int | str | Iterable[int | str]) -> None:
        """Mark sources as seen; this does not change labels."""
        self._publish(self._journal.see(ids))

    def _publish(self, action: LabelAction) -> protocol.LabelAnswer:
        """Send all views a change of labels, and return the message."""
        answer = self._journal.answer(action)
        self._count_labels()
        self._renew_snapshot()
        self.send({**answer, "version": protocol.VERSION, "client": "", "request": 0})
        return answer

    def _follow_journal(self) -> None:
        """Send all views what others have added to the journal since the last check."""
        action = self._journal.others()
        if action is not None:
            self._publish(action)

    def _count_labels(self) -> None:
        if self._journal.is_open:
            shown = self._pages.rows(self.where, self.sort)
            self.progress = dict(self._journal.progress(shown, self._words))
            self.progress_of_all = dict(self._journal.progress(self._pages.sources, self._words))
