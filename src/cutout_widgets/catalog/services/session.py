"""HTTP sessions for Virtual Observatory clients, with timeouts, that send the token only to trusted hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.web import is_private, origin_of, platform_of_environment, shown, token_of_environment

__all__ = ["Token", "home_session", "token_for"]

type Token = str | Callable[[], str | None] | None
"""A bearer token, a function that returns one, or None for that of the environment."""


def token_for(service: str, token: Token) -> Callable[[], str | None]:
    """Return a function that returns the token for a service, or None.

    Parameters
    ----------
    service
        URL of the service.
    token
        As given by the user. None is the one of the environment: it belongs to the Science Platform in
        ``EXTERNAL_INSTANCE_URL``, or to the service itself if that is not set.

    Raises
    ------
    BadOption
        If a token was given for a service to which it would be sent unencrypted.
    """
    if token is not None:
        if not is_private(service):
            raise BadOption(
                f"the token is not sent to {shown(service)}, where it would travel unencrypted; use https"
            )
        return token if callable(token) else lambda: token
    owner = platform_of_environment()
    if (owner and origin_of(owner) != origin_of(service)) or not is_private(service):
        return lambda: None
    return token_of_environment


def home_session(home: str, token: Callable[[], str | None], timeout_s: float) -> Any:
    """Return a ``requests`` session that sends a token to one origin only, even after redirects.

    Parameters
    ----------
    home
        Scheme, host and port that may receive the token.
    token
        Called before each request; its result is not stored.
    timeout_s
        Maximum time without a response.

    Raises
    ------
    MissingDependency
        If pyvo, which installs ``requests``, is missing.
    """
    try:
        import requests
    except ImportError as err:
        raise MissingDependency("pyvo", "vo", "reading from a TAP service") from err

    class Session(requests.Session):
        """Sends the token to its origin, and nothing from ``.netrc`` instead."""

        answered_page = False
        """Whether the last response was a web page."""

        def request(self, *args: Any, **options: Any) -> Any:
            options.setdefault("timeout", timeout_s)
            response = super().request(*args, **options)
            self.answered_page = response.headers.get("Content-Type", "").startswith("text/html")
            return response

        def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
            prepared_request.headers.pop("Authorization", None)
            authorize(prepared_request)

    def authorize(request: Any) -> Any:
        secret = token()
        if secret and origin_of(request.url) == home:
            request.headers["Authorization"] = f"Bearer {secret}"
        return request

    session = Session()
    session.auth = authorize
    return session
