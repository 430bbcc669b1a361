"""Connections to URLs with the environment's credentials, and their errors."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from cutout_widgets.errors import BadOption, CutoutError, ImageNotFound, MissingDependency, UnreadableImage
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.web import is_private, origin_of, platform_of_environment, shown, token_of_environment

__all__ = ["NoAnswer", "NoRanges", "connect", "refusal"]

_STATUS = re.compile(r"status code: (\d{3}[ A-Za-z]*)")
"""The server's response in an obstore error message."""

_CLIENT: Any = {"allow_http": True, "timeout": "60s", "connect_timeout": "20s"}
_RETRY: Any = {"max_retries": 3}

_STORES_KEPT = 64
"""Hosts and buckets whose connections are kept."""

_PLAIN_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~+=-]+)+")
"""A path that obstore sends unchanged."""

_SETTINGS_OF_BUCKETS = ("AWS_", "S3_", "GOOGLE_", "AZURE_", "HOME")
"""Environment variables with credentials and addresses of buckets."""


class NoAnswer(ImageNotFound):
    """The server does not respond, or is in trouble."""


class NoRanges(CutoutError):
    """The server does not support byte ranges."""


def refusal(url: str, err: Exception) -> CutoutError:
    """Return why a file cannot be read; the server's message is omitted, as it may contain a signature."""
    text, name = str(err), shown(url)
    status = found[1].strip() if (found := _STATUS.search(text)) else ""
    if isinstance(err, FileNotFoundError) or status.startswith(("404", "410")):
        return ImageNotFound(f"there is no file {name}")
    if isinstance(err, PermissionError) or status.startswith(("401", "403")):
        return ImageNotFound(
            f"{name} may not be read ({status or 'refused'}): give credentials in the environment, or "
            "RemoteOptions(home=) for a token; a signed link may have expired"
        )
    if status.startswith("416"):
        return UnreadableImage(f"{name} is empty")
    if type(err).__name__ == "NotSupportedError" or ("range" in text.lower() and not status):
        return NoRanges(name)
    is_down = not status or status.startswith(("429", "5"))
    kind = NoAnswer if is_down else ImageNotFound
    return kind(f"{name} cannot be read: {status or 'the host did not respond'}")


def connect(url: str, options: RemoteOptions, token: str | None = None) -> tuple[Any, str, str]:
    """Return the store of a URL, the path in it, and an identifier of the credentials.

    Files of one host or bucket share a store, and so its connections.

    Parameters
    ----------
    url, options
        The file, and how to read it.
    token
        Bearer token for it; None = that of the environment, if `options` allow it.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        token = token or _token_for(url, options)
        reader = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""
        if parts.query or "@" in parts.netloc or not _PLAIN_PATH.fullmatch(parts.path):
            return _web(url, token), "", reader
        return (
            _shared(("web", origin_of(url), token), lambda: _web(origin_of(url), token)),
            parts.path[1:],
            reader,
        )
    bucket, path = parts.netloc, unquote(parts.path.lstrip("/"))
    if not bucket or not path:
        raise BadOption(f"a file in a bucket is {scheme}://BUCKET/PATH; got {url}")
    settings = tuple(
        sorted((name, value) for name, value in os.environ.items() if name.startswith(_SETTINGS_OF_BUCKETS))
    )
    key = (scheme, bucket, options.anonymous, options.endpoint, settings)
    return (
        _shared(key, lambda: _checked_bucket(scheme, bucket, options)),
        path,
        os.environ.get("AWS_ACCESS_KEY_ID", "") if scheme == "s3" else "",
    )


def _token_for(url: str, options: RemoteOptions) -> str | None:
    """Return the token of the environment, if a URL is at its home."""
    home = options.home or platform_of_environment()
    at_home = home is not None and is_private(home) and origin_of(home) == origin_of(url)
    return token_of_environment() if at_home else None


_stores: OrderedDict[Any, Any] = OrderedDict()
_lock = threading.Lock()


def _shared(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Return the store of a key in this process."""
    key = (os.getpid(), *key)  # a forked child must not use its parent's connections
    with _lock:
        if key not in _stores:
            _stores[key] = make()
        _stores.move_to_end(key)
        while len(_stores) > _STORES_KEPT:
            _stores.popitem(last=False)
        return _stores[key]


def _stores_of_obstore() -> Any:
    """Return the module with the kinds of stores."""
    try:
        from obstore import store
    except ImportError as err:
        raise MissingDependency("obstore", "remote", "reading a file at a URL") from err
    return store


def _web(url: str, token: str | None) -> Any:
    """Return a store of what is at and below a URL.

    Raises
    ------
    BadOption
        If it is not a valid URL, or the token cannot be sent.
    """
    client = dict(_CLIENT)
    if token:
        client["default_headers"] = {"Authorization": f"Bearer {token}"}
    store = _stores_of_obstore()
    try:
        return store.HTTPStore.from_url(url, client_options=client, retry_config=_RETRY)
    except Exception:  # noqa: BLE001  of the host's name, the port or the token, which it would repeat
        raise BadOption(f"{shown(url)} is not a valid URL, or the token has invalid letters") from None


def _checked_bucket(scheme: str, bucket: str, options: RemoteOptions) -> Any:
    """Return a bucket.

    Raises
    ------
    BadOption
        If its settings in the environment are invalid.
    """
    try:
        return _bucket(scheme, bucket, options)
    except CutoutError:
        raise
    except Exception as err:  # noqa: BLE001  of obstore and boto3; the message might contain a secret
        raise BadOption(
            f"{scheme}://{bucket} cannot be opened: its settings or credentials in the environment are "
            f"incomplete or invalid ({type(err).__name__})"
        ) from None


def _bucket(scheme: str, bucket: str, options: RemoteOptions) -> Any:
    """Return a bucket."""
    store = _stores_of_obstore()
    if scheme == "s3":
        return _bucket_of_s3(store, bucket, options, _CLIENT, _RETRY)
    config: Any = {"skip_signature": True} if options.anonymous else {}
    if scheme == "gs":
        return store.GCSStore(bucket, config=config, client_options=_CLIENT, retry_config=_RETRY)
    return store.AzureStore.from_url(
        f"az://{bucket}", config=config, client_options=_CLIENT, retry_config=_RETRY
    )


def _bucket_of_s3(store: Any, bucket: str, options: RemoteOptions, client: Any, retry: Any) -> Any:
    """Return an S3 (or compatible) bucket, with the credentials of the environment."""
    endpoint = (
        options.endpoint or os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("S3_ENDPOINT_URL") or None
    )
    config: dict[str, Any] = {} if endpoint is None else {"endpoint": endpoint}
    provider = None
    anonymous = options.anonymous
    if not anonymous and "AWS_ACCESS_KEY_ID" not in os.environ:
        provider = _profile()
        anonymous = provider is None if anonymous is None else anonymous
    if anonymous:
        config["skip_signature"] = True
    if "AWS_REGION" not in os.environ and "AWS_DEFAULT_REGION" not in os.environ:
        config["region"] = "us-east-1"
    return store.S3Store(
        bucket, config=config, client_options=client, retry_config=retry, credential_provider=provider
    )


def _profile() -> Any:
    """Return the credentials of a profile in the home folder, if boto3 is installed."""
    try:
        import boto3
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        return None
    session = boto3.Session()
    return Boto3CredentialProvider(session) if session.get_credentials() is not None else None
