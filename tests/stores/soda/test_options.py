"""The options of a service as one object."""

from __future__ import annotations

from dataclasses import fields
from inspect import getdoc, signature

import pytest

from cutout_widgets.errors import BadOption, UnknownOption
from cutout_widgets.stores.soda.options import SodaKeywords, SodaOptions
from cutout_widgets.stores.soda.store import SodaImages

LINKS = "https://example.org/links?ID={panel}-{visit}"


def test_an_unknown_keyword_is_refused_with_the_nearest():
    with pytest.raises(UnknownOption, match=r"SodaImages does not know 'timeout'; did you mean 'timeout_s'"):
        SodaImages(LINKS, timeout=3)  # type: ignore[call-arg]  # the test


def test_a_keyword_overrides_a_field():
    store = SodaImages(LINKS, options=SodaOptions(tries=2, cache=None), tries=3)
    assert store._options == SodaOptions(tries=3, cache=None)


def test_an_invalid_number_is_refused_when_the_object_is_created():
    with pytest.raises(BadOption, match="at_once and tries are at least 1"):
        SodaOptions(at_once=0)


def test_help_and_type_checkers_list_every_field():
    parameters = signature(SodaImages).parameters
    lines = (getdoc(SodaImages) or "").splitlines()
    for one in fields(SodaOptions):
        assert parameters[one.name].default == one.default
        assert SodaKeywords.__annotations__[one.name].__forward_arg__ == one.type
        assert one.name in lines
