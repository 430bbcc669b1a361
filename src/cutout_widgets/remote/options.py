"""Options for reading files at URLs."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cutout_widgets.disk_cache import DEFAULT_FOLDER
from cutout_widgets.errors import BadOption
from cutout_widgets.paths import path_text
from cutout_widgets.web import is_private, shown

__all__ = ["RemoteOptions"]


@dataclass(frozen=True)
class RemoteOptions:
    """How to read files at URLs: ``https://``, ``http://``, ``s3://``, ``gs://``, ``az://``.

    Credentials of buckets are those of the environment (``AWS_ACCESS_KEY_ID`` and the like), or of boto3's
    profiles if it is installed. They and the token are not part of this object, so it is safe to
    display and save.

    Raises
    ------
    BadOption
        If a number is invalid.

    Examples
    --------
    >>> RemoteOptions(block_bytes=2**20).block_bytes
    1048576
    """

    block_bytes: int = 1 << 16
    """Minimum number of bytes per request."""
    held_bytes: int = 1 << 26
    """Maximum memory for the blocks of one open file."""
    home: str | None = None
    """URL of the host that may receive the token in the environment (``ACCESS_TOKEN``).

    None = the Science Platform in ``EXTERNAL_INSTANCE_URL``; without it, no host."""
    anonymous: bool | None = None
    """Whether buckets are read without credentials; None = if there are none."""
    endpoint: str | None = None
    """URL of the S3 service; None = ``AWS_ENDPOINT_URL`` or ``S3_ENDPOINT_URL``, else Amazon's."""
    cache: str | os.PathLike[str] | None = DEFAULT_FOLDER
    """Cache folder for later sessions; None = no cache."""
    cache_bytes: int = 1 << 30
    """Maximum size of that folder."""

    def __post_init__(self) -> None:
        if self.cache is not None:
            path_text(self.cache, "cache= of RemoteOptions, a folder,")
        if self.block_bytes < 2880 or self.held_bytes < self.block_bytes:
            raise BadOption(
                "block_bytes is at least 2880 (a block of FITS) and held_bytes at least one block; got "
                f"{self.block_bytes} and {self.held_bytes}"
            )
        if self.home is not None and not is_private(self.home):
            raise BadOption(
                f"home= is an https:// URL, so that the token is sent encrypted; got {shown(self.home)}"
            )
