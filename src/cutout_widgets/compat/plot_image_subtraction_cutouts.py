"""The command ``plotImageSubtractionCutouts``, with the arguments of analysis_ap's."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from cutout_widgets.catalog.apdb import Apdb, Selection
from cutout_widgets.compat.analysis_ap import (
    PlotImageSubtractionCutoutsConfig,
    PlotImageSubtractionCutoutsTask,
)
from cutout_widgets.errors import CutoutError, sentence

__all__ = ["build_argparser", "main"]

NAME = "plotImageSubtractionCutouts"

POSTGRES = "rubin@usdf-prompt-processing-dev.slac.stanford.edu/lsst-devl"
"""The ancestor's default: the development database of prompt processing."""

NOT_ALL_SAVED = 3
"""Exit status when some sources could not be saved; the log says which."""


def build_argparser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Save cutouts of the DiaSources of an APDB as PNGs, with a manifest for Zooniverse.",
        epilog="A run that was interrupted is completed by running it again.",
    )
    # argparse and not click: --collections takes any number of values, as the ancestor's does.
    database = parser.add_mutually_exclusive_group(required=True)
    database.add_argument("--sqlitefile", help="The APDB is this SQLite file.")
    database.add_argument("--namespace", help="The APDB is this schema of a PostgreSQL server.")
    parser.add_argument(
        "--postgres_url", default=POSTGRES, help="USER@HOST/DATABASE of that server. Default: %(default)s"
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=5,
        help="Save this many sources, those of the lowest ids. Default: %(default)s",
    )
    parser.add_argument("--all", action="store_true", help="Save all sources, whatever --limit says.")
    parser.add_argument(
        "-j", "--jobs", type=int, default=0, help="Number of processes; 0 (the default) for one, this one."
    )
    parser.add_argument(
        "-C", "--configFile", help="File of lines such as config.url_root = 'https://example.org'."
    )
    parser.add_argument(
        "--collections", nargs="*", help="Where to look for images. Default: where the repository says."
    )
    parser.add_argument("--instrument", help="The instrument, if neither APDB nor repository tells.")
    parser.add_argument("--reliabilityMin", type=float, help="Leave out sources of a lower reliability.")
    parser.add_argument("--reliabilityMax", type=float, help="Leave out sources of a higher reliability.")
    parser.add_argument("repo", metavar="REPO", help="Butler repository that holds the images.")
    parser.add_argument("outputPath", metavar="OUT", help="Directory for manifest.csv and images/.")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        What stands behind the command's name; by default what the shell gave.

    Returns
    -------
    int
        Exit status: 0 if all sources were saved, `NOT_ALL_SAVED` if not, 1 if nothing could be done.
    """
    given = build_argparser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="{name} {levelname}: {message}", style="{")
    try:
        return _run(given)
    except (CutoutError, OSError) as err:
        sys.stderr.write(f"{NAME}: {sentence(err)}\n")
        return 1


def _run(given: argparse.Namespace) -> int:
    """Translate the arguments to `Apdb` and the task."""
    config = PlotImageSubtractionCutoutsConfig()
    if given.configFile is not None:
        config.load(given.configFile)
    task = PlotImageSubtractionCutoutsTask(config=config, output_path=given.outputPath)
    images = task.open_images(given.repo, given.collections or None)
    sources = _database(given).table(
        Selection(
            reliability=(given.reliabilityMin, given.reliabilityMax) if _chooses(given) else None,
            limit=None if given.all else given.limit,
        )
    )
    ids = task.run(sources, images, given.jobs)
    sys.stdout.write(f"{len(ids)} of {len(sources)} DiaSource cutouts are in {given.outputPath}.\n")
    return 0 if len(ids) == len(sources) else NOT_ALL_SAVED


def _database(given: argparse.Namespace) -> Apdb:
    """Open the APDB the arguments name."""
    if given.sqlitefile is not None:
        return Apdb(str(Path(given.sqlitefile).expanduser()), instrument=given.instrument)
    url = given.postgres_url if "://" in given.postgres_url else f"postgresql://{given.postgres_url}"
    return Apdb(url, namespace=given.namespace, instrument=given.instrument)


def _chooses(given: argparse.Namespace) -> bool:
    """Tell whether sources are chosen by their reliability."""
    return given.reliabilityMin is not None or given.reliabilityMax is not None
