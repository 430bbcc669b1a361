"""``cutout-widgets save``: an option for every field of `save_cutouts`."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.outputs.layout import FORMATS
from cutout_widgets.outputs.processes import workers

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.outputs.report import Report

__all__ = ["INTERRUPTED", "SOME_FAILED", "save"]

SOME_FAILED = 3
"""Exit code if the run completed but not every source was saved, or if a check found problems."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as in shells."""

_SHOWN = 10
"""Number of failures listed one by one."""


def _chunk_size(_: click.Context, __: click.Parameter, value: Any) -> int | None:
    """Parse a chunk size: a number, or ``none`` for one folder."""
    if value is None or str(value).lower() == "none":
        return None
    try:
        return int(value)
    except ValueError as err:
        raise click.BadParameter(f"{value!r} is neither a power of ten nor 'none'") from err


def _sizes(_: click.Context, __: click.Parameter, value: Any) -> tuple[int, ...]:
    """Parse sizes: a repeated option, or a list in a configuration."""
    return tuple(value) if value else (30,)


def _configured(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Read defaults from a configuration file; the command line takes precedence."""
    if path is None:
        return
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as err:
        raise click.BadParameter(f"{path} is not a TOML configuration: {err}") from err
    given = given.get("save", given)
    if not isinstance(given, dict):
        raise click.BadParameter(f"{path}: save is a table of options; found {given!r}")
    known = {parameter.name for parameter in context.command.params} - {"config"}
    if unknown := sorted(set(given) - known):
        raise click.BadParameter(
            f"{path}: unknown {', '.join(unknown)}; there are {', '.join(sorted(filter(None, known)))}"
        )
    for parameter in context.command.params:
        value: Any = given.get(parameter.name or "")
        many = getattr(parameter, "multiple", False) and isinstance(value, list)
        if any(isinstance(one, (list, dict)) for one in (value if many else [value])):
            raise click.BadParameter(
                f"{path}: {parameter.name} is {'a list of values' if many else 'one value'}; found {value!r}"
            )
    given = {
        key: "none" if value is False and key in ("chunk_size", "use_footprint") else value
        for key, value in given.items()
    }
    context.default_map = {**(context.default_map or {}), **given}


def _option(*names: str, **about: Any) -> Callable[[Any], Any]:
    """Return an option that shows its default."""
    return click.option(*names, show_default=True, **about)


_OPTIONS = (
    _option(
        "--size",
        "sizes",
        type=int,
        multiple=True,
        callback=_sizes,
        help="Width of cutouts in pixels; several give a row of panels each.",
    ),
    _option(
        "--metadata/--no-metadata", "add_metadata", default=True, help="Rows of metadata above the panels."
    ),
    _option("--url-root", help="URL at which OUT will be served; without it there is no manifest of URLs."),
    _option(
        "--chunk-size",
        default="10000",
        callback=_chunk_size,
        help="Maximum files per folder, a power of ten; or none.",
    ),
    _option("--save-as-numpy", is_flag=True, help="Write the pixels as .npy too, and tables."),
    _option(
        "--use-footprint",
        type=click.Choice(["auto", "bboxSize", "mask", "none"]),
        default="none",
        help="Cut each source as large as its footprint.",
    ),
    _option("--outline", is_flag=True, help="Draw the border of the footprint."),
    _option("--fits", is_flag=True, help="Write a FITS file per source."),
    _option("--blind", is_flag=True, help="Opaque names, no header; the key is saved next to OUT."),
    _option("--look", default="documented", help="Name of a stretch preset."),
    _option("--colormap", help="Any colormap of matplotlib, for all panels."),
    _option(
        "--format",
        type=click.Choice(FORMATS),
        default="png",
        help="Of figures; or stamp files instead of them.",
    ),
    _option(
        "--dialect",
        type=click.Choice(["panoptes", "lab", "cli"]),
        default="panoptes",
        help="Of the manifest.",
    ),
    _option(
        "--manifest-rows",
        type=click.IntRange(min=1),
        help="Maximum rows per manifest; further rows go to manifest-2.csv.",
    ),
    _option("--rows-a-file", type=click.IntRange(min=1), default=1000, help="Maximum rows per stamp file."),
    _option("--instrument", help="Name for the header; by default the table's own."),
    _option(
        "--missing",
        type=click.Choice(["draw", "fail"]),
        default="draw",
        help="What to do with a source that lacks one or two panels.",
    ),
    _option("--repair", is_flag=True, help="Rewrite damaged or foreign files."),
    _option("--science-image-type", help="Dataset type of science images in a Butler."),
    _option("--diff-image-type", help="Prefix of _templateExp and _differenceExp in a Butler."),
    _option("--where", help="Keep the rows for which this pandas query is true."),
    _option("--sort", help="Order of the manifest: a column, with a minus for descending."),
    _option("--min-reliability", type=float, help="Keep rows with at least this score."),
    _option("--max-reliability", type=float, help="Keep rows with at most this score."),
    _option("--limit", type=click.IntRange(min=1), help="Save at most this many rows."),
    _option("--jobs", type=click.IntRange(min=0), default=1, help="Processes; 0 for one per core."),
    _option("--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster to run on."),
    _option("--progress/--no-progress", default=None, help="A progress bar; by default on a terminal."),
    _option("--json", "as_json", is_flag=True, help="Report as JSON on standard output."),
    click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=_configured,
        help="Options from a TOML file, named as in Python.",
    ),
)


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add all options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("images")
@click.argument("table")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@_with_options
def save(images: str, table: str, out: Path, **options: Any) -> None:
    """Save the cutouts of TABLE, read from IMAGES, in OUT.

    IMAGES is an image store such as "alerts:night/*.avro", "fits:index.parquet" or
    "butler:REPO?collections=a,b". TABLE is a file of DiaSources, the URL of an APDB, or "-" for the
    rows that come with the images (alert packets).

    Existing files are kept: run the same again to complete a run that was interrupted.

    Exit codes: 0 all is saved, 1 nothing could be done, 2 wrong options, 3 some sources failed,
    130 interrupted.
    """
    as_json = options.pop("as_json")
    store = cw.open_images(
        _with_datasets(images, options.pop("science_image_type"), options.pop("diff_image_type"))
    )
    sources = _chosen(cw.SourceTable.read(store if table == "-" else table), options)
    look, colormap = cw.Look.of(options.pop("look")), options.pop("colormap")
    if colormap is not None:
        look = replace(look, colormap=colormap, difference_colormap=None)
    footprint = options.pop("use_footprint")
    progress, jobs, dask = options.pop("progress"), options.pop("jobs"), options.pop("dask")
    wanted = cw.SaveOptions(
        look=look,
        use_footprint=False if footprint == "none" else footprint == "auto" or footprint,
        **options,
    )
    try:
        with _executor(jobs, dask) as executor:
            report = cw.save_cutouts(
                sources,
                store,
                out,
                options=wanted,
                executor=executor,
                progress=sys.stderr.isatty() if progress is None else progress,
            )
    except KeyboardInterrupt:
        click.echo(
            f"interrupted; the files in {out} are complete, run the same command again to finish", err=True
        )
        sys.exit(INTERRUPTED)
    _print_report(report, as_json=as_json)
    if report.failed:
        sys.exit(SOME_FAILED)


def _print_report(report: Report, *, as_json: bool) -> None:
    """Report the outcome of the sources."""
    if as_json:
        ids = {name: [str(id_) for id_ in getattr(report, name)] for name in ("written", "present")}
        counts = {
            name: {str(id_): why for id_, why in getattr(report, name).items()}
            for name in ("failed", "incomplete")
        }
        paths = {
            name: None if (path := getattr(report, name)) is None else str(path)
            for name in ("manifest", "key")
        }
        click.echo(json.dumps({**ids, **counts, **paths}))
        return
    click.echo(str(report))
    for id_, reason in list(report.failed.items())[:_SHOWN]:
        click.echo(f"  {id_}: {reason}", err=True)
    if len(report.failed) > _SHOWN:
        click.echo(f"  and {len(report.failed) - _SHOWN} more; --json lists all", err=True)
    for name, path in (("manifest", report.manifest), ("key, to be kept private", report.key)):
        if path is not None:
            click.echo(f"{name}: {path}")


def _chosen(sources: SourceTable, options: dict[str, Any]) -> SourceTable:
    """Return the requested rows."""
    where, order, limit = options.pop("where"), options.pop("sort"), options.pop("limit")
    for bound, sign in ((options.pop("min_reliability"), ">="), (options.pop("max_reliability"), "<=")):
        if bound is not None:
            sources = sources.where(f"score {sign} {bound!r}")
    if where:
        sources = sources.where(where)
    if order:
        sources = sources.sort(order)
    return sources if limit is None else sources.take(range(min(limit, len(sources))))


def _with_datasets(images: str, science: str | None, difference: str | None) -> str:
    """Add dataset names to the specification of a Butler."""
    added = {} if science is None else {"science": science}
    if difference is not None:
        added |= {"template": f"{difference}_templateExp", "difference": f"{difference}_differenceExp"}
    if not added:
        return images
    if not images.startswith("butler:"):
        raise BadOption(f"--science-image-type and --diff-image-type are for butler:..., not for {images!r}")
    return images + ("&" if "?" in images else "?") + "&".join(f"{key}={name}" for key, name in added.items())


@contextmanager
def _executor(jobs: int, dask: str | None) -> Iterator[Executor | None]:
    """Yield the executor of the tasks."""
    if dask is not None:
        try:
            from distributed import Client
        except ImportError as err:
            raise MissingDependency("distributed", "dask", "running on a Dask cluster") from err
        with Client(dask) as client:  # type: ignore[no-untyped-call, unused-ignore]  # untyped, and optional
            yield client.get_executor()
        return
    number = jobs or os.cpu_count() or 1
    with workers(0 if number == 1 else number) as pool:
        yield pool
