"""Configurations like those of the LSST task framework: checked fields, files, freezing."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import IO, Any, ClassVar

from cutout_widgets.catalog.columns import close_names
from cutout_widgets.compat.analysis_ap.config_file import ROOT, Statement, read_file, read_text
from cutout_widgets.compat.analysis_ap.errors import UnknownField
from cutout_widgets.errors import BadOption, NotWritable, sentence
from cutout_widgets.outputs.files import Partial
from cutout_widgets.paths import path_text, path_to

__all__ = ["Config"]


class Config:
    """A configuration; subclasses define its fields.

    Parameters
    ----------
    **fields
        Values that replace defaults.

    Raises
    ------
    BadOption
        If a field is unknown (then also an ``AttributeError``) or a value is invalid.
    """

    _checks: ClassVar[dict[str, Callable[[str, Any], Any]]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _aliases: ClassVar[dict[str, str]] = {}
    _ancestor: ClassVar[str] = ""
    _frozen = False

    def __init__(self, **fields: Any) -> None:
        self.update(**self._defaults)
        self.update(**fields)

    def __setattr__(self, name: str, value: Any) -> None:
        name = self._aliases.get(name, name)
        check = self._checks.get(name)
        if check is None:
            raise self._unknown(name)
        if self._frozen:
            raise BadOption(f"the configuration is frozen: {name} cannot be set; make another one")
        object.__setattr__(self, name, check(name, value))

    def __getattr__(self, name: str) -> Any:
        if name in self._aliases:
            return getattr(self, self._aliases[name])
        if name.startswith("_"):
            raise AttributeError(name)
        raise self._unknown(name)

    def __delattr__(self, name: str) -> None:
        raise BadOption(f"a field of the configuration cannot be deleted; set {name} to another value")

    def _unknown(self, name: str) -> UnknownField:
        known = (*self._checks, *self._aliases)
        return UnknownField(f"the configuration has no field {name!r}{close_names(name, known)}")

    def update(self, **fields: Any) -> None:
        """Set several fields.

        Raises
        ------
        BadOption
            If one is unknown or its value is invalid; the fields before it are set.
        """
        for name, value in fields.items():
            setattr(self, name, value)

    def keys(self) -> KeysView[str]:
        """Return the names of the fields."""
        return self.toDict().keys()

    def values(self) -> ValuesView[Any]:
        """Return the values of the fields."""
        return self.toDict().values()

    def items(self) -> ItemsView[str, Any]:
        """Return the fields and their values."""
        return self.toDict().items()

    def __iter__(self) -> Iterator[str]:
        return iter(self.toDict())

    def __contains__(self, name: object) -> bool:
        return name in self._checks

    def load(self, filename: str | os.PathLike[str], root: str = ROOT) -> None:
        """Set the fields assigned in a configuration file, which is parsed, not executed.

        Parameters
        ----------
        filename
            A file written by `save`, or with lines such as ``config.sizes.append(60)``.
        root
            The name of the configuration: ``"config"``.

        Raises
        ------
        BadOption
            If it contains anything else, or a value is invalid; then no field is set.
        """
        _check_root(root)
        self._take(read_file(filename, type(self).__name__), path_text(filename, "the configuration"))

    def loadFromString(self, code: str, root: str = ROOT, filename: str | None = None) -> None:
        """Set the fields assigned in a text; arguments and errors are those of `load`."""
        _check_root(root)
        place = filename or "the text"
        self._take(read_text(code, place, type(self).__name__), place)

    def loadFromStream(
        self, stream: IO[str] | IO[bytes] | str | bytes, root: str = ROOT, filename: str | None = None
    ) -> None:
        """Set the fields assigned in an open file; arguments and errors are those of `load`."""
        _check_root(root)
        text = stream if isinstance(stream, (str, bytes)) else stream.read()
        place = filename or str(getattr(stream, "name", "the text"))
        self._take(read_text(text, place, type(self).__name__), place)

    def save(self, filename: str | os.PathLike[str], root: str = ROOT) -> None:
        """Write the configuration to a file that `load` and LSST's ``load`` can read.

        Parameters
        ----------
        filename
            The file; an existing one is replaced completely or not at all.
        root
            The name of the configuration: ``"config"``.

        Raises
        ------
        NotWritable
            If it cannot be written.
        """
        _check_root(root)
        path = path_to(filename, "the configuration to write")
        partial = Partial(path.absolute().parent)
        try:
            partial.write(path.absolute(), self.saveToString().encode())
        except OSError as err:
            raise NotWritable(f"cannot write {path}: {err.strerror or err}") from err
        finally:
            partial.close()

    def saveToStream(self, outfile: IO[str], root: str = ROOT) -> None:
        """Write the configuration to an open text file."""
        _check_root(root)
        outfile.write(self.saveToString())

    def saveToString(self) -> str:
        """Return the configuration as the text of a file."""
        stream, kind = io.StringIO(), f"{self._ancestor}.{type(self).__name__}"
        stream.write(f"import {self._ancestor}\n")
        stream.write(
            f"assert type({ROOT}) is {kind}, f'config is of type "
            f"{{type({ROOT}).__module__}}.{{type({ROOT}).__name__}} instead of {kind}'\n"
        )
        stream.writelines(f"{ROOT}.{name}={value!r}\n" for name, value in self._saved().items())
        return stream.getvalue()

    def validate(self) -> None:
        """Check all fields again, because lists may have been changed in place.

        Raises
        ------
        BadOption
            If a value is invalid.
        """
        for name, value in self.toDict().items():
            self._checks[name](name, value)

    def freeze(self) -> None:
        """Disallow further changes."""
        object.__setattr__(self, "_frozen", True)

    def toDict(self) -> dict[str, Any]:
        """Return the fields and their values."""
        return {
            name: list(value) if isinstance(value := getattr(self, name), list) else value
            for name in self._checks
        }

    def _saved(self) -> dict[str, Any]:
        """Return the fields to write to a file."""
        return self.toDict()

    def _take(self, statements: list[Statement], place: str) -> None:
        """Apply statements, all or none."""
        trial = type(self)(**self.toDict())
        for one in statements:
            try:
                setattr(trial, one.field, one.applied_to(getattr(trial, one.field)))
            except BadOption as err:
                raise BadOption(f"{place}, line {one.line}: {sentence(err)}") from err
        self.update(**trial.toDict())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Config):
            return NotImplemented
        return self.toDict() == other.toDict()

    __hash__ = None  # type: ignore[assignment]  # mutable, like a list

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        changed = {name: value for name, value in self.items() if value != self._defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


def _check_root(root: str) -> None:
    """Raise for another name of the configuration."""
    if root != ROOT:
        raise BadOption(f"root is the name {ROOT!r}, as in {ROOT}.sizes = [30]; got {root!r}")
