"""The command ``plotImageSubtractionCutouts``, with the arguments of analysis_ap's."""

from __future__ import annotations

import argparse
import logging
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.databases.apdb import Apdb, Selection
from cutout_widgets.compat.analysis_ap.apdb import POSTGRES, DbQuery
from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask
from cutout_widgets.errors import BadTable, CutoutError, CutoutWarning, sentence
from cutout_widgets.outputs.figure.figure import STYLES
from cutout_widgets.stores.butler.connection import open_butler

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build_argparser", "len_sources", "main", "run_cutouts", "select_sources"]

NAME = "plotImageSubtractionCutouts"

NOT_ALL_SAVED = 3
"""Exit status if some sources could not be saved; the log says which."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as in shells."""


def build_argparser(name: str = NAME) -> argparse.ArgumentParser:
    """Return the command line parser; `name` is that of the command."""
    parser = argparse.ArgumentParser(
        prog=name,
        description="Save cutouts of the DiaSources of an APDB as PNGs, with a manifest for Zooniverse.",
        epilog="A run that was interrupted is completed by running it again.",
    )
    # argparse and not click, because --collections takes any number of values, as in analysis_ap.
    database = parser.add_mutually_exclusive_group(required=True)
    database.add_argument("--sqlitefile", help="The APDB is this SQLite file.")
    database.add_argument("--namespace", help="The APDB is this schema of a PostgreSQL server.")
    for old in ("--dbName", "--dbType"):
        parser.add_argument(old, action=_ObsoleteOption, help=argparse.SUPPRESS)
    parser.add_argument(
        "--postgres_url", default=POSTGRES, help="USER@HOST/DATABASE of that server. Default: %(default)s"
    )
    parser.add_argument(
        "--limit",
        action=_Limit,
        type=_whole,
        default=5,
        help="Save this many sources, those of the lowest ids; with --all, read this many at a time. "
        "Default: %(default)s, and all at once with --all.",
    )
    parser.add_argument("--all", action="store_true", help="Save all sources.")
    parser.add_argument(
        "-j", "--jobs", type=_whole, default=0, help="Number of processes; 0 (the default) works in this one."
    )
    parser.add_argument(
        "-C", "--configFile", help="File of lines such as config.url_root = 'https://example.org'."
    )
    parser.add_argument(
        "--collections", nargs="*", help="Collections to search for images. Default: the repository's."
    )
    parser.add_argument("--instrument", help="The instrument, if neither APDB nor repository records it.")
    parser.add_argument("--reliabilityMin", type=_finite, help="Exclude sources with a lower reliability.")
    parser.add_argument("--reliabilityMax", type=_finite, help="Exclude sources with a higher reliability.")
    parser.add_argument(
        "--style",
        choices=STYLES,
        default="documented",
        help="Figures as the documentation shows them, or as the newest analysis_ap draws them.",
    )
    parser.add_argument("repo", metavar="REPO", help="Butler repository that holds the images.")
    parser.add_argument("outputPath", metavar="OUT", help="Directory for manifest.csv and images/.")
    return parser


def main(
    arguments: Sequence[str] | None = None,
    *,
    name: str = NAME,
    task_class: type[PlotImageSubtractionCutoutsTask] = PlotImageSubtractionCutoutsTask,
) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        The command line arguments; None = those of this process.
    name
        The command's name.
    task_class
        The task to run.

    Returns
    -------
    int
        Exit status: 0 if all sources were saved, `NOT_ALL_SAVED` if not, 1 if nothing could be done,
        `INTERRUPTED` after Ctrl-C.

    Raises
    ------
    SystemExit
        With status 2, if the arguments are invalid.
    """
    parser = build_argparser(name)
    given = parser.parse_args(arguments)
    low, high = given.reliabilityMin, given.reliabilityMax
    if low is not None and high is not None and low > high:
        parser.error(f"--reliabilityMin is {low:g} and --reliabilityMax {high:g}: no source is between them")
    logging.basicConfig(level=logging.INFO, format="{name} {levelname}: {message}", style="{")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", CutoutWarning)
            warnings.showwarning = _log_warning
            ids, wanted = run_cutouts(given, task_class)
            return 0 if len(ids) == wanted else NOT_ALL_SAVED
    except (CutoutError, OSError) as err:
        sys.stderr.write(f"{name}: {sentence(err)}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(
            f"{name}: interrupted; the files in {given.outputPath} are complete, run it again to finish\n"
        )
        return INTERRUPTED


def run_cutouts(
    args: argparse.Namespace,
    task_class: type[PlotImageSubtractionCutoutsTask] = PlotImageSubtractionCutoutsTask,
) -> tuple[list[int], int]:
    """Run the task with parsed arguments, and print how many sources were saved.

    Parameters
    ----------
    args
        The result of `build_argparser`'s parser.
    task_class
        The task to run.

    Returns
    -------
    ids, wanted
        Ids of sources with a figure, and the total number of sources.

    Raises
    ------
    BadTable, BadOption, NotWritable
        If the database, the repository or the configuration cannot be read, or nothing can be saved.

    Notes
    -----
    The task receives what analysis_ap's does: a DataFrame and a Butler. With ``--all`` and a ``--limit``,
    `write_images` is called for each page, and then `write_manifest`.
    """
    config = task_class.ConfigClass()
    if args.configFile is not None:
        config.load(args.configFile)
    config.freeze()
    task = task_class(config=config, output_path=args.outputPath, style=args.style)
    butler = open_butler(args.repo, args.collections or None)
    query = DbQuery(_database(args))
    bounds = args.reliabilityMin, args.reliabilityMax
    page_size = getattr(args, "page_size", None)
    if args.all and page_size:
        ids, wanted = _save_pages(task, butler, select_sources(query, page_size, *bounds), args.jobs)
    else:
        selection = Selection(
            reliability=None if bounds == (None, None) else bounds,
            limit=None if args.all else args.limit,
        )
        rows = query.apdb.table(selection).to_pandas()
        ids, wanted = task.run(rows, butler, args.jobs), len(rows)
    sys.stdout.write(f"{len(ids)} of {wanted} DiaSource cutouts are in {args.outputPath}.\n")
    return ids, wanted


def _save_pages(
    task: PlotImageSubtractionCutoutsTask, butler: Any, pages: Iterable[pd.DataFrame], njobs: int
) -> tuple[list[int], int]:
    """Save page by page, then the manifest of all; after an interrupt, that of the completed pages."""
    ids: list[int] = []
    wanted = 0
    try:
        for rows in pages:
            wanted += len(rows)
            ids.extend(task.write_images(rows, butler, njobs))
    finally:
        task.write_manifest(ids)
    return ids, wanted


def select_sources(
    apdb_query: DbQuery | Apdb,
    limit: int,
    reliabilityMin: float | None = None,
    reliabilityMax: float | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the DiaSources of a database, page by page.

    Parameters
    ----------
    apdb_query
        The database.
    limit
        Rows per page.
    reliabilityMin, reliabilityMax
        Exclude sources with a lower or higher reliability.

    Yields
    ------
    DataFrame
        A page, in order of ``diaSourceId``, with the column ``instrument``.
    """
    bounds = reliabilityMin, reliabilityMax
    selection = Selection(reliability=None if bounds == (None, None) else bounds)
    for page in _apdb_of(apdb_query).pages(selection, size=limit):
        yield page.to_pandas()


def len_sources(apdb_query: DbQuery | Apdb, namespace: str | None = None) -> int:
    """Return the number of DiaSources in a database; `namespace` is ignored, as the database has its own."""
    return _apdb_of(apdb_query).count()


def _apdb_of(query: DbQuery | Apdb) -> Apdb:
    """Return the database of a query."""
    return query.apdb if isinstance(query, DbQuery) else query


def _database(given: argparse.Namespace) -> Apdb:
    """Open the APDB given in the arguments."""
    if given.sqlitefile is not None:
        file = Path(given.sqlitefile).expanduser()
        if not file.is_file():
            raise BadTable(f"there is no file {file}, given as --sqlitefile")
        return Apdb(str(file), instrument=given.instrument)
    url = given.postgres_url if "://" in given.postgres_url else f"postgresql://{given.postgres_url}"
    return Apdb(url, namespace=given.namespace, instrument=given.instrument)


class _ObsoleteOption(argparse.Action):
    """Refuses an option that the first versions of the command had."""

    def __call__(self, parser: argparse.ArgumentParser, _: argparse.Namespace, __: Any, *option: Any) -> None:
        parser.error(
            f"{option[0]} is no longer an option: use --sqlitefile FILE for an APDB in SQLite, or "
            "--namespace SCHEMA and --postgres_url USER@HOST/DATABASE for one in PostgreSQL"
        )


class _Limit(argparse.Action):
    """Stores --limit also as ``page_size``, which is used with --all only if --limit was given."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any
    ) -> None:
        namespace.limit = namespace.page_size = values


def _whole(text: str) -> int:
    """Parse a count."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"wanted a whole number, 0 or more; got {text!r}")
    return int(text)


def _finite(text: str) -> float:
    """Parse a bound."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"wanted a number; got {text!r}")
    return value


def _log_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Log a warning as one line, without source code."""
    logging.getLogger(NAME).warning("%s", " ".join(str(message).split()))
