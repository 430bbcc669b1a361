"""The browser that some benchmarks need."""

from __future__ import annotations

__all__ = ["installed_chromium"]


def installed_chromium() -> str | None:
    """Return the installed Chromium, or print what is missing and return None."""
    try:
        from tests.browser.lab import find_chromium
    except ImportError:
        print("needs the packages of the browser tests")
        return None
    found = find_chromium()
    if found is None:
        print("needs Chromium")
    return found
