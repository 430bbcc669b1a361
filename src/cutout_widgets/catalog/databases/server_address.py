"""URLs of database servers, split so that no part of a password is mistaken for a host and displayed."""

from __future__ import annotations

import re
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, unquote

__all__ = ["ServerAddress", "hidden"]

_OPTIONS = re.compile(r"\?\w+=")
"""The start of a URL's options; a question mark in a password is not followed by this."""

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TO_ESCAPE = {"@": "%40", "/": "%2F", "?": "%3F", "#": "%23", " ": "%20"}

_SHORT = 6
"""Shorter secrets are hidden only as separate words, not inside other words."""


class ServerAddress(NamedTuple):
    """``scheme://user:password@place#schema``; the password may contain any character, escaped or not."""

    scheme: str
    """``postgresql``, optionally with a driver after a plus sign."""
    account: str | None
    """User and password as written, or None without ``@``."""
    place: str
    """Host, port, database and options."""
    schema: str | None
    """The text after ``#``."""

    @classmethod
    def of(cls, url: str) -> Self:
        """Split a URL: the account ends at the last ``@`` before the options."""
        scheme, _, rest = url.partition("://")
        options = _OPTIONS.search(rest)
        last = rest.rfind("@")
        # An option may contain an @ too: the account's one is before the options.
        if options and last > options.start() and "/" not in rest[last:]:
            before = rest.rfind("@", 0, options.start())
            last = before if before >= 0 else last
        place, _, schema = rest[last + 1 :].partition("#")
        return cls(scheme, rest[:last] if last >= 0 else None, place, schema or None)

    @property
    def user(self) -> str:
        """The user as written; empty without one."""
        return (self.account or "").partition(":")[0]

    @property
    def _written_password(self) -> str:
        return (self.account or "").partition(":")[2]

    @property
    def url(self) -> str:
        """The URL for a driver, without schema, and with escapes where needed."""
        if self.account is None:
            return f"{self.scheme}://{self.place}"
        colon = ":" if ":" in self.account else ""
        return f"{self.scheme}://{_escaped(self.user)}{colon}{_escaped(self._written_password)}@{self.place}"

    @property
    def without_secrets(self) -> str:
        """The URL with user and schema, without password and options that contain one."""
        place, mark, options = self.place.partition("?")
        kept = "&".join(one for one in options.split("&") if one and "password" not in one.lower())
        user = f"{_escaped(self.user)}@" if self.account is not None else ""
        tail = f"#{self.schema}" if self.schema else ""
        return f"{self.scheme}://{user}{place}{mark if kept else ''}{kept}{tail}"

    @property
    def shown(self) -> str:
        """The address for display: user, host and database."""
        user = f"{self.user}@" if self.account is not None else ""
        return f"{self.scheme}://{user}{self.place.partition('?')[0]}"

    @property
    def secrets(self) -> frozenset[str]:
        """All texts to hide: the password, as written and unescaped."""
        found = {self._written_password, _escaped(self._written_password)}
        for name, value in parse_qsl(self.place.partition("?")[2]):
            if "password" in name.lower():
                found.add(value)
        return frozenset({*found, *map(unquote, found)} - {""})


def hidden(text: str, secrets: frozenset[str]) -> str:
    """Return a text with each secret replaced by three stars."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORT:
            text = text.replace(secret, "***")
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return text


def _escaped(text: str) -> str:
    """Escape characters that end a user or a password in a URL, and unescaped percent signs."""
    text = _STRAY_PERCENT.sub("%25", text)
    return "".join(_TO_ESCAPE.get(letter, letter) for letter in text)
