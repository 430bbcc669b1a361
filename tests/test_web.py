"""Messages of services with tokens removed."""

from __future__ import annotations

from base64 import b64encode

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.web import origin_of, shown, without_token, words_of

TOKEN = "gt-abcdefghijkl.mnopqrstuv"


@pytest.mark.parametrize(
    "text, shown",
    [
        (f"no access for {TOKEN}!", "no access for ***!"),
        ("token a%2Fb%3D is wrong", "token *** is wrong"),
        ("token a/b%3D is wrong", "token *** is wrong"),
        ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", "Authorization: Bearer ***"),
        ('{"token": "abcdefghijklmnop=="}', '{"token": "***"}'),
        ("of another: gt-zyxwvutsrq.ponmlkjihg", "of another: ***"),
        ("a web token eyJhbGciOi.eyJzdWIi.c2lnbmF0", "a web token ***"),
        ("the token has expired", "the token has expired"),
        ("bearer of bad news", "bearer of bad news"),
    ],
)
def test_tokens_are_hidden_and_other_words_are_not(text: str, shown: str):
    assert without_token(without_token(text, TOKEN), "a/b=") == shown


def test_part_of_a_token_at_the_end_is_hidden():
    assert without_token(f"you sent {TOKEN[:15]}", TOKEN) == "you sent ***"
    assert without_token("a strong", TOKEN) == "a strong"


def test_tokens_are_hidden_before_text_is_truncated():
    said = words_of(f"{'x' * 110} {TOKEN}".encode(), lambda text: without_token(text, TOKEN))
    assert said == f"{'x' * 110} ***"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/a", "http://[::1/a", "ftp://a/b", "", "https://a:b/c"]
)
def test_an_invalid_address_is_refused(url):
    with pytest.raises(BadOption, match="a link begins with https:// or http://"):
        origin_of(url)


def test_a_url_is_shown_without_query_and_user():
    assert shown("https://me:secret@example.org:8443/a?token=x") == "https://example.org:8443/a"
    assert shown("http://a.org:99999/x") == "http://a.org:99999/x"


@pytest.mark.parametrize("before", ["", "B", "Be", "Bearer ", "user:"])
@pytest.mark.parametrize("after", ["", ":x-oauth-basic", "=="])
def test_a_token_in_base64_is_hidden(before: str, after: str):
    token = "gt-0123456789abcdef.ghij"
    sent = b64encode(f"{before}{token}{after}".encode()).decode()
    shown = without_token(f"you sent {sent} here", token)
    kept = shown.removeprefix("you sent ").removesuffix(" here")
    assert "***" in kept
    assert len(kept.replace("***", "")) < (len(before) + len(after)) * 4 / 3 + 8  # of 24 and more letters
