"""Basics of web access: origins of URLs, and tokens that are neither displayed nor sent to other hosts."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cutout_widgets.errors import BadOption

__all__ = [
    "is_private",
    "is_web_page",
    "origin_of",
    "platform_of_environment",
    "shown",
    "token_of_environment",
    "without_token",
    "words_of",
]

_LIKE_A_TOKEN = re.compile(
    r"""((?:bearer|token|authorization)["']?[\s:=]+["']?)(?!bearer\b)[\w.~+/=-]{16,}"""
    r"""|\b()(?:gt-[\w-]+\.[\w-]+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?)""",
    re.IGNORECASE,
)
"""A long word after "bearer" or "token", a token of Gafaelfawr, a JSON web token."""

_FEW_LETTERS = 3
"""A part of a token this short reveals nothing."""


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL, which share credentials.

    Raises
    ------
    BadOption
        If it is not an http or https URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError) as err:
        raise BadOption(f"a link begins with https:// or http://; got {shown(url)}") from err
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def shown(url: str) -> str:
    """Return a URL for display: without query, which may contain a signature, and without user name."""
    try:
        parts = urlsplit(url)
    except ValueError:  # for example an unclosed bracket
        return "an invalid URL"
    host = parts.hostname or ""
    _, colon, number = parts.netloc.rpartition(":")
    port = f":{number}" if colon and number.isdecimal() else ""
    return f"{parts.scheme}://{host}{port}{parts.path}" if parts.scheme else url[:80]


def is_private(url: str) -> bool:
    """Return whether requests to a URL cannot be read in transit: https, or this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return parts.scheme == "https" or here


def is_web_page(file: Path) -> bool:
    """Return whether a file begins as a web page."""
    with file.open("rb") as opened:
        start = opened.read(512).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def token_of_environment() -> str | None:
    """Return the token that the Science Platform provides to notebooks."""
    return os.environ.get("ACCESS_TOKEN") or None


def platform_of_environment() -> str | None:
    """Return the URL of this notebook's Science Platform, for which the token is valid."""
    return os.environ.get("EXTERNAL_INSTANCE_URL") or None


class _Words(HTMLParser):
    """Collects the text of a page, without markup, scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.extend(data.split())


def words_of(body: bytes, hide: Callable[[str], str]) -> str:
    """Return the first words of a response.

    Parameters
    ----------
    body
        The response: text or HTML.
    hide
        Removes secrets from a text; it is called before the text is truncated, so that no part of a
        token is shown either.
    """
    reader = _Words()
    reader.feed(body.decode("utf-8", "replace"))
    text = " ".join(reader.found)
    printable = hide("".join(letter for letter in text if letter.isprintable()))
    return printable if len(printable) <= 120 else printable[:117] + "..."


def without_token(text: str, token: str | None) -> str:
    """Return a text with three stars in place of a token, and of anything that looks like one."""
    token = token or ""
    for secret in {token, quote(token), quote(token, safe=""), *_in_base64(token)} - {""}:
        text = _without_end_of(text.replace(secret, "***"), secret)
    return _LIKE_A_TOKEN.sub(r"\1***", text)


def _in_base64(token: str) -> Iterator[str]:
    """Yield the forms that a token has in the base64 of a longer text, for each of the three alignments."""
    for before in range(3) if len(token) > _FEW_LETTERS else ():
        whole = b64encode(b"-" * before + token.encode("utf-8", "surrogatepass")).decode()
        certain = whole[-(-8 * before // 6) :].rstrip("=")[:-1]  # others depend on what is around it
        yield certain
        yield certain.replace("+", "-").replace("/", "_")


def _without_end_of(text: str, secret: str) -> str:
    """Return a text without the start of a secret at its end, since the response may be truncated."""
    for length in range(min(len(secret) - 1, len(text)), _FEW_LETTERS, -1):
        if text.endswith(secret[:length]):
            return f"{text[:-length]}***"
    return text
