"""A password is never shown, whatever characters it contains and however it is written."""

from __future__ import annotations

import logging
import pickle

import pytest

from cutout_widgets import Apdb
from cutout_widgets.catalog.databases.database import read_only_engine
from cutout_widgets.catalog.databases.server_address import ServerAddress, hidden
from cutout_widgets.errors import BadTable

PASSWORDS = ["secret", "p@ss", "p@s@s", "a/b@c", "a#b", "a?b", "a:b", "50%", "p%40ss", "a b", "@", "x=1?y"]


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_password_ends_at_the_last_at_sign(password: str):
    address = ServerAddress.of(f"postgresql://vera:{password}@host:5432/lsst#schema")
    assert (address.user, address.place, address.schema) == ("vera", "host:5432/lsst", "schema")
    assert address.shown == "postgresql://vera@host:5432/lsst"
    assert address.without_secrets == "postgresql://vera@host:5432/lsst#schema"
    assert password in address.secrets


@pytest.mark.parametrize("password", PASSWORDS)
def test_the_driver_gets_the_password_and_the_host_as_they_were_meant(password: str):
    pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")
    pytest.importorskip("pg8000", reason="needs a PostgreSQL driver")
    url = read_only_engine(ServerAddress.of(f"postgresql+pg8000://vera:{password}@host/lsst").url).url
    assert url.host == "host"
    assert url.password == password.replace("%40", "@")


def test_an_address_without_account_or_password_is_unchanged():
    for text in (
        "postgresql://host/lsst",
        "postgresql://vera@host/lsst",
        "postgresql://host/lsst?sslmode=require",
    ):
        assert ServerAddress.of(text).url == ServerAddress.of(text).without_secrets == text
        assert not ServerAddress.of(text).secrets


def test_options_may_hold_a_password_and_an_at_sign():
    address = ServerAddress.of("postgresql://vera@host/lsst?sslpassword=abcdef&options=-cuser=a@b")
    assert (address.user, address.shown) == ("vera", "postgresql://vera@host/lsst")
    assert address.secrets == {"abcdef"}
    assert address.without_secrets == "postgresql://vera@host/lsst?options=-cuser=a@b"


def test_secrets_in_a_message_are_hidden_and_other_words_are_not():
    assert hidden('no host "swordfish@x"', frozenset({"swordfish"})) == 'no host "***@x"'
    assert hidden("a user has no password a", frozenset({"a"})) == "*** user has no password ***"


@pytest.mark.parametrize("password", ["sw@rdfish", "sword/fish@1", "sw#rdfish"])
def test_messages_logs_and_pickles_do_not_contain_the_password(password: str, caplog):
    pytest.importorskip("pg8000", reason="needs a PostgreSQL driver")
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(BadTable, match=r"postgresql://vera@127\.0\.0\.1:1/db") as caught,
    ):
        Apdb(f"postgresql://vera:{password}@127.0.0.1:1/db#schema")
    error: BaseException | None = caught.value
    while error is not None:
        assert "fish" not in str(error)
        error = error.__cause__
    assert "fish" not in caplog.text
    assert b"fish" not in pickle.dumps(caught.value)


def test_a_database_is_pickled_and_shown_without_its_password(request, monkeypatch):
    url = request.getfixturevalue("postgres")
    from tests.catalog.databases.conftest import driven, fill_by_hand

    fill_by_hand(driven(url), version="10.0.0", schema="secrets")
    user = url.partition("://")[2].partition("@")[0]
    database = Apdb(url.replace(f"{user}@", f"{user}:swordfish@") + "#secrets")
    data = pickle.dumps(database)
    assert b"swordfish" not in data
    assert "swordfish" not in f"{database!r} {vars(database)['_given']} {database.name} {database._engine!r}"
    monkeypatch.setenv("PGPASSWORD", "swordfish")
    assert pickle.loads(data).count() == 4
