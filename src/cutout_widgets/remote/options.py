"""What a URL of a file is, and how it is read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeGuard
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cutout_widgets.disk_cache import DEFAULT_FOLDER
from cutout_widgets.errors import BadOption
from cutout_widgets.web import is_private, shown

__all__ = ["RemoteOptions", "is_url", "local_path", "shown_place"]

SCHEMES = ("http", "https", "s3", "gs", "az")
"""What is read over the network."""


@dataclass(frozen=True)
class RemoteOptions:
    """How files at URLs are read: ``https://``, ``http://``, ``s3://``, ``gs://``, ``az://``.

    Credentials of buckets are those of the environment (``AWS_ACCESS_KEY_ID`` and the like), or of boto3's
    profiles where it is installed. They and the token are no part of this object, so that it is safe to
    show and to save.

    Raises
    ------
    BadOption
        If a number has no meaning.

    Examples
    --------
    >>> RemoteOptions(block_bytes=2**20).block_bytes
    1048576
    """

    block_bytes: int = 1 << 16
    """Bytes that are asked for at once, where fewer are wanted."""
    held_bytes: int = 1 << 26
    """Largest amount of blocks of one open file that stays in memory."""
    home: str | None = None
    """URL of the host that may see the token in the environment (``ACCESS_TOKEN``).

    By default the Science Platform that ``EXTERNAL_INSTANCE_URL`` names; without it no host."""
    anonymous: bool | None = None
    """Whether buckets are read without credentials; None: where there are none."""
    endpoint: str | None = None
    """URL of the S3 service; by default ``AWS_ENDPOINT_URL`` or ``S3_ENDPOINT_URL``, else Amazon's."""
    cache: str | os.PathLike[str] | None = DEFAULT_FOLDER
    """Folder in which blocks are kept for later sessions; None = they are not."""
    cache_bytes: int = 1 << 30
    """Largest size of that folder."""

    def __post_init__(self) -> None:
        if self.block_bytes < 2880 or self.held_bytes < self.block_bytes:
            raise BadOption(
                "block_bytes is at least 2880 (a block of FITS) and held_bytes at least one block; got "
                f"{self.block_bytes} and {self.held_bytes}"
            )
        if self.home is not None and not is_private(self.home):
            raise BadOption(
                f"home= is an https:// URL, so that the token is sent encrypted; got {shown(self.home)}"
            )


def is_url(text: object) -> TypeGuard[str]:
    """Return whether a text is the URL of a file elsewhere."""
    return isinstance(text, str) and text.partition("://")[0].lower() in SCHEMES and "://" in text


def local_path(text: str) -> str:
    """Return the path of a ``file://`` URL; any other text as it is."""
    if not text.lower().startswith("file://"):
        return text
    return url2pathname(urlsplit(text).path)


def shown_place(place: object) -> str:
    """Return a path, or a URL as it may be shown: without its query, which can hold a signature."""
    text = str(place)
    return shown(text) if is_url(text) else text
