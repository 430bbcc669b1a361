"""What a service says, without the tokens in it."""

from __future__ import annotations

import pytest

from cutout_widgets.web import without_token, words_of

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
def test_tokens_are_hidden_and_words_are_not(text: str, shown: str):
    assert without_token(without_token(text, TOKEN), "a/b=") == shown


def test_a_piece_of_a_token_at_the_end_is_hidden():
    assert without_token(f"you sent {TOKEN[:15]}", TOKEN) == "you sent ***"
    assert without_token("a strong", TOKEN) == "a strong"


def test_a_token_is_hidden_before_words_are_cut_off():
    said = words_of(f"{'x' * 110} {TOKEN}".encode(), lambda text: without_token(text, TOKEN))
    assert said == f"{'x' * 110} ***"
