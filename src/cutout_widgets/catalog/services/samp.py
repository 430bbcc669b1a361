"""Exchange rows with TOPCAT, Aladin and other programs on this machine by SAMP."""

from __future__ import annotations

import queue
import tempfile
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import url2pathname, urlopen

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, sentence
from cutout_widgets.web import shown

__all__ = ["Samp", "library"]

_LOAD = {"table.load.votable": ".vot", "table.load.fits": ".fits"}
"""Messages that bring a table, and what its file is called."""

_LARGEST_BYTES = 1 << 31
_SILENCE_S = 30.0


class Samp:
    """A connection to the other programs that speak SAMP: TOPCAT, Aladin, DS9, Firefly.

    Parameters
    ----------
    name
        What the others call this program.
    hub
        The hub, for tests; by default the one that runs, which TOPCAT and Aladin start.

    Raises
    ------
    BadOption
        If no hub runs.

    Notes
    -----
    Use it in a ``with`` block, or close it: what was sent lies in files that the others read, and goes then.
    """

    def __init__(self, name: str = "cutout_widgets", hub: Any = None) -> None:
        samp = library()
        self._client = samp.SAMPIntegratedClient(name=name, description="cutouts of DiaSources")
        try:
            self._client.connect(**({} if hub is None else {"hub": hub}))
        except (samp.SAMPHubError, OSError) as err:
            raise BadOption(
                f"there is no SAMP hub ({sentence(err)}); start TOPCAT or Aladin first, which run one"
            ) from None
        self._tables: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._folder = tempfile.TemporaryDirectory(prefix="cutout-widgets-samp-")
        self._sent = 0
        for message in _LOAD:
            self._client.bind_receive_call(message, self._take_call)
            self._client.bind_receive_notification(message, self._take_note)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the hub, and take away the files of what was sent."""
        if self._client.is_connected:
            self._client.disconnect()
        self._folder.cleanup()

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the programs that take tables."""
        return tuple(self._names().values())

    def send(self, table: Any, *, name: str = "DiaSources", to: str | None = None) -> None:
        """Send rows to the other programs.

        Parameters
        ----------
        table
            Anything `SourceTable` takes; identifiers stay exact.
        name
            What the others call the table.
        to
            Name of one program (``"topcat"``); None = all that take tables.

        Raises
        ------
        BadOption
            If there is no such program.
        """
        rows = SourceTable.read(table)
        self._sent += 1
        path = Path(self._folder.name) / f"{self._sent}.vot"
        _write(rows, path)
        parameters = {"url": path.as_uri(), "table-id": f"cutout_widgets-{self._sent}", "name": name}
        message = {"samp.mtype": "table.load.votable", "samp.params": parameters}
        names = self._names()
        wanted = [key for key, one in names.items() if to is None or one.lower() == to.lower()]
        if not wanted:
            raise BadOption(
                f"no program {'called ' + repr(to) + ' ' if to else ''}takes tables by SAMP; there are "
                f"{', '.join(names.values()) or 'none'}"
            )
        for key in wanted:
            self._client.notify(key, message)

    def receive(self, timeout_s: float = 60.0, **options: Any) -> SourceTable:
        """Return the next table that another program sends; the oldest first.

        Parameters
        ----------
        timeout_s
            Longest wait, seconds.
        options
            What `SourceTable` takes: names of columns, the instrument.

        Raises
        ------
        BadTable
            If none came, or it cannot be read.
        """
        try:
            message, url = self._tables.get(timeout=timeout_s)
        except queue.Empty:
            raise BadTable(
                f"no table came by SAMP within {timeout_s:g} s; in TOPCAT use Interop, Send table to"
            ) from None
        with tempfile.TemporaryDirectory(prefix="cutout-widgets-") as folder:
            path = Path(folder) / f"table{_LOAD[message]}"
            try:
                path.write_bytes(_bytes_at(url))
            except (OSError, ValueError) as err:
                raise BadTable(f"{shown(url)} received by SAMP cannot be read ({sentence(err)})") from err
            return SourceTable(path, **options)

    def _names(self) -> dict[str, str]:
        """Return the programs that take tables: key in the hub -> name."""
        found = {}
        for key in self._client.get_subscribed_clients("table.load.votable"):
            said = self._client.get_metadata(key)
            found[key] = str(said.get("samp.name", key))
        return found

    def _take_call(self, key: str, sender: str, id: str, message: str, parameters: Any, extra: Any) -> None:
        self._take_note(key, sender, message, parameters, extra)
        self._client.reply(id, {"samp.status": "samp.ok", "samp.result": {}})

    def _take_note(self, key: str, sender: str, message: str, parameters: Any, extra: Any) -> None:
        self._tables.put((message, str(parameters.get("url", ""))))


def library() -> Any:
    """Return what speaks SAMP: pyvo's module since 1.9, which was astropy's before."""
    try:
        import pyvo.samp as known
    except ImportError:
        known = None
    if not hasattr(known, "SAMPIntegratedClient"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it will move
            import astropy.samp as known
    return known


def _write(rows: SourceTable, path: Path) -> None:
    """Write rows as a VOTable: numbers and text; lists and pictures are left out."""
    table = rows.to_table()
    table.remove_columns([name for name in table.colnames if _is_nested(table[name])])
    for name in table.colnames:
        if table[name].dtype.kind in "mM":
            table[name] = table[name].astype(str)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of units that the standard does not have
        table.write(path, format="votable", tabledata_format="tabledata", overwrite=True)


def _is_nested(column: Any) -> bool:
    return column.dtype.kind == "O" and not all(one is None or isinstance(one, str) for one in column)


def _bytes_at(url: str) -> bytes:
    """Return what is at the URL of a file of this machine, or of another program's small server."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = Path(url2pathname(parts.path))
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError(f"it has more than {_LARGEST_BYTES >> 20} MiB")
        return path.read_bytes()
    if parts.scheme not in ("http", "https"):
        raise ValueError("it is not an http, https or file URL")
    with urlopen(url, timeout=_SILENCE_S) as answer:
        body: bytes = answer.read(_LARGEST_BYTES + 1)
    if len(body) > _LARGEST_BYTES:
        raise ValueError(f"it has more than {_LARGEST_BYTES >> 20} MiB")
    return body
