"""Connections to URLs with the environment's credentials, and their errors."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from cutout_widgets.errors import BadOption, CutoutError, ImageNotFound, MissingDependency, UnreadableImage
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.web import is_private, origin_of, platform_of_environment, shown, token_of_environment

__all__ = ["NoRanges", "connect", "refusal"]

_STATUS = re.compile(r"status code: (\d{3}[ A-Za-z]*)")
"""The server's response in an obstore error message."""

_LONGEST_SILENCE = "60s"


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
    return ImageNotFound(f"{name} cannot be read: {status or 'the host did not respond'}")


def connect(url: str, options: RemoteOptions) -> tuple[Any, str, str]:
    """Return the store of a URL, the path in it, and an identifier of the credentials."""
    try:
        from obstore import store
    except ImportError as err:
        raise MissingDependency("obstore", "remote", "reading a file at a URL") from err
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    client: Any = {"allow_http": True, "timeout": _LONGEST_SILENCE, "connect_timeout": "20s"}
    retry: Any = {"max_retries": 3}
    if scheme in ("http", "https"):
        home = options.home or platform_of_environment()
        at_home = home is not None and is_private(home) and origin_of(home) == origin_of(url)
        token = token_of_environment() if at_home else None
        if token is not None:
            client["default_headers"] = {"Authorization": f"Bearer {token}"}
        reader = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""
        return store.HTTPStore.from_url(url, client_options=client, retry_config=retry), "", reader
    bucket, path = parts.netloc, unquote(parts.path.lstrip("/"))
    if not bucket or not path:
        raise BadOption(f"a file in a bucket is {scheme}://BUCKET/PATH; got {url}")
    if scheme == "s3":
        return (
            _bucket_of_s3(store, bucket, options, client, retry),
            path,
            os.environ.get("AWS_ACCESS_KEY_ID", ""),
        )
    config: Any = {"skip_signature": True} if options.anonymous else {}
    if scheme == "gs":
        return store.GCSStore(bucket, config=config, client_options=client, retry_config=retry), path, ""
    return (
        store.AzureStore.from_url(f"az://{bucket}", config=config, client_options=client, retry_config=retry),
        path,
        "",
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
