"""Exchange rows with TOPCAT, Aladin and other programs on this machine through SAMP."""

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
"""SAMP messages with a table, and the file extension of each."""

_LARGEST_BYTES = 1 << 31
_SILENCE_S = 30.0


class Samp:
    """A connection to other programs that support SAMP: TOPCAT, Aladin, DS9, Firefly.

    Parameters
    ----------
    name
        Name of this program for the others.
    hub
        The hub, for tests; None = the running one, which TOPCAT and Aladin start.

    Raises
    ------
    BadOption
        If no hub is running.

    Notes
    -----
    Use it in a ``with`` block, or close it: sent tables are in temporary files, which are then removed.
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
        """Disconnect from the hub, and remove the files of sent tables."""
        if self._client.is_connected:
            self._client.disconnect()
        self._folder.cleanup()

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the programs that accept tables."""
        return tuple(self._names().values())

    def send(self, table: Any, *, name: str = "DiaSources", to: str | None = None) -> None:
        """Send rows to the other programs.

        Parameters
        ----------
        table
            Anything that `SourceTable` accepts; identifiers stay exact.
        name
            Name of the table for the others.
        to
            Name of one program (``"topcat"``); None = all that accept tables.

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
        """Return the next table received from another program; the oldest first.

        Parameters
        ----------
        timeout_s
            Maximum wait, seconds.
        options
            Options of `SourceTable`: names of columns, the instrument.

        Raises
        ------
        BadTable
            If none arrives, or it cannot be read.
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
        """Return the programs that accept tables: key in the hub -> name."""
        found = {}
        for key in self._client.get_subscribed_clients("table.load.votable"):
            metadata = self._client.get_metadata(key)
            found[key] = str(metadata.get("samp.name", key))
        return found

    def _take_call(self, key: str, sender: str, id: str, message: str, parameters: Any, extra: Any) -> None:
        self._take_note(key, sender, message, parameters, extra)
        self._client.reply(id, {"samp.status": "samp.ok", "samp.result": {}})

    def _take_note(self, key: str, sender: str, message: str, parameters: Any, extra: Any) -> None:
        self._tables.put((message, str(parameters.get("url", ""))))


def library() -> Any:
    """Return the SAMP module: pyvo's since 1.9, astropy's before."""
    try:
        import pyvo.samp as known
    except ImportError:
        known = None
    if not hasattr(known, "SAMPIntegratedClient"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the planned move
            import astropy.samp as known
    return known


def _write(rows: SourceTable, path: Path) -> None:
    """Write rows as a VOTable: numbers and text; lists and images are omitted."""
    table = rows.to_table()
    table.remove_columns([name for name in table.colnames if _is_nested(table[name])])
    for name in table.colnames:
        if table[name].dtype.kind in "mM":
            table[name] = table[name].astype(str)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about non-standard units
        table.write(path, format="votable", tabledata_format="tabledata", overwrite=True)


def _is_nested(column: Any) -> bool:
    return column.dtype.kind == "O" and not all(one is None or isinstance(one, str) for one in column)


def _bytes_at(url: str) -> bytes:
    """Return the content of a URL: a file on this machine, or on another program's local server."""
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
