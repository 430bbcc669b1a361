"""TAP services by their address: ``tap:https://host/tap?query=SELECT ...``."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from cutout_widgets.catalog.services.tap import Tap, read_tap
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, refuse_unknown

__all__ = ["read_address"]


def read_address(address: str, **options: Any) -> SourceTable:
    """Read ``tap:https://host/tap?query=SELECT ...`` or ``tap:...?table=dp1.DiaSource&limit=100``.

    Parameters
    ----------
    address
        Everything after ``query=`` is the query, either literal or URL-encoded.
    options
        Options of `read_tap`, or `Tap.query`.

    Raises
    ------
    BadTable
        As `read_tap`.
    UnknownOption
        If there is no such option.
    """
    service, _, rest = address.partition(":")[2].partition("?")
    known = ("table", "where", "columns", "position", "radius", "limit", "mode", "token", "instrument")
    if rest.lower().startswith("query="):
        text = rest[len("query=") :]
        query = text if " " in text.strip() else unquote_plus(text)  # a URL-encoded query has no spaces
        refuse_unknown("a query of a TAP service", options, ("limit", "mode", "token", "instrument"))
        tap = Tap(service, token=options.pop("token", None), instrument=options.pop("instrument", None))
        return tap.query(query.strip(), **options)
    given: dict[str, Any] = dict(parse_qsl(rest, keep_blank_values=True))
    refuse_unknown(
        "the address of a TAP service", given, ("query", "table", "where", "columns", "limit", "mode")
    )
    if "query" in given:
        raise BadOption(
            "in the address of a TAP service query= must be the only parameter; give the rest as options"
        )
    if "columns" in given:
        given["columns"] = [one.strip() for one in given["columns"].split(",") if one.strip()]
    refuse_unknown("read_tap", options, known)
    return read_tap(service, **{**given, **options})
