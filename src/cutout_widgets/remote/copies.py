"""Local copies of remote files that must be read completely."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cutout_widgets.disk_cache import DEFAULT_FOLDER, cache_in
from cutout_widgets.errors import ImageNotFound
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.unpacking import largest_unpacked, too_large
from cutout_widgets.web import shown

__all__ = ["local_copy"]


def local_copy(url: str, options: RemoteOptions | None = None) -> Path:
    """Return a local copy of a file, downloading it the first time.

    Parameters
    ----------
    url
        The file.
    options
        How it is read. Without a cache the copy is still stored in the cache's default folder.

    Raises
    ------
    ImageNotFound, MissingDependency
        As `RemoteFile`.
    UnreadableImage
        If it is larger than `set_largest_unpacked` allows, or the network fails.
    """
    options = options or RemoteOptions()
    with RemoteFile(url, options) as file:
        if file.size > largest_unpacked():
            raise too_large(shown(url))
        cache = cache_in(options.cache or DEFAULT_FOLDER, options.cache_bytes)
        ending = "".join(Path(unquote(urlsplit(url).path)).suffixes[-2:])
        ending = ending if re.fullmatch(r"(\.[A-Za-z0-9]{1,10}){1,2}", ending) else ""
        question = f"{file.question(0)} whole"
        found = cache.find(question, ending) if file.version else None
        if found is not None:
            return found
        content = file.read()
        try:
            return cache.keep(question, content, ending)
        except OSError as err:
            raise ImageNotFound(f"{shown(url)} cannot be kept in {cache.folder}: {err.strerror}") from err
