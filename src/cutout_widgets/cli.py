"""The command ``cutout-widgets``: each command is a thin call of the library."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

import cutout_widgets as cw
from cutout_widgets.errors import CutoutError, sentence

if TYPE_CHECKING:
    from cutout_widgets.outputs.batch import Report

__all__ = ["main"]


class _Commands(click.Group):
    """Commands whose foreseeable failures are one sentence and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (CutoutError, OSError) as err:
            raise click.ClickException(sentence(err)) from err


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(cw.__version__, prog_name="cutout-widgets")
def main() -> None:
    """Template, science and difference cutouts of DiaSources: seen, labelled, saved."""


@main.command()
@click.argument(
    "directory", type=click.Path(file_okay=False, path_type=Path), default=Path("cutout-widgets-demo")
)
@click.option("--seed", type=int, default=None, help="Another sky: any whole number.")
def demo(directory: Path, seed: int | None) -> None:
    """Make a small sky in DIRECTORY, save its cutouts with a manifest, and say how to look at it.

    DIRECTORY is made if it is not there; a demo that is there already is used again.
    """
    from cutout_widgets import demo as sky

    start = time.monotonic()
    made = sky.write(directory) if seed is None else sky.write(directory, seed=seed)
    sources = made.sources()
    click.echo(f"Sky: {len(sources)} DiaSources in {directory}")
    out = directory / "cutouts"
    report = cw.save_cutouts(
        sources, made.images(), out, sizes=(30,), url_root=DEMO_URL, progress=sys.stderr.isatty()
    )
    click.echo(f"PNGs: {_counts(report)}, in {out / 'images'}")
    if report.failed:
        click.echo(f"Not saved: {len(report.failed)}; the first: {next(iter(report.failed.values()))}")
    problems = cw.verify(out)
    click.echo(f"Manifest: {report.manifest} ({'every row checked' if not problems else problems[0]})")
    notebook = sky.write_notebook(directory)
    click.echo(f"Done in {time.monotonic() - start:.0f} s. To look at the sky in the notebook:")
    click.echo(f"    uv run jupyter lab {shlex.quote(str(notebook))}")
    click.echo("To serve the images as the manifest says:")
    port = DEMO_URL.rpartition(":")[2]
    click.echo(f"    python -m http.server {port} --bind 127.0.0.1 --directory {shlex.quote(str(out))}")
    if problems:
        raise click.ClickException(f"{len(problems)} problems in {out}")


DEMO_URL = "http://127.0.0.1:8000"
"""Root of the demo's manifest: where the serving command that it prints would serve it."""


def _counts(report: Report) -> str:
    """Say how many sources were saved, in words."""
    text = f"{len(report.written)} written, {len(report.present)} already there"
    return f"{text}, {len(report.failed)} failed" if report.failed else text


@main.command()
@click.argument("images")
@click.argument("table")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--size", "sizes", type=int, multiple=True, default=(30,), show_default=True, help="Width, px.")
@click.option("--url-root", default=None, help="URL the images will be served from; without it no manifest.")
@click.option("--look", default="documented", show_default=True, help="Name of a stretch preset.")
@click.option("--no-metadata", is_flag=True, help="Leave out the header rows.")
@click.option("--where", default=None, help="Keep the rows for which this pandas query is true.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Save at most this many rows.")
def save(
    images: str,
    table: str,
    out: Path,
    sizes: tuple[int, ...],
    url_root: str | None,
    look: str,
    no_metadata: bool,
    where: str | None,
    limit: int | None,
) -> None:
    """Save the cutouts of TABLE, read from IMAGES, as PNGs in OUT.

    IMAGES is an image store such as "alerts:night/*.avro" or "fits:index.parquet". TABLE is a file of
    DiaSources, or "-" for the rows that the images bring themselves (alert packets).
    """
    store = cw.open_images(images)
    sources = cw.SourceTable.read(store if table == "-" else table)
    if where:
        sources = sources.where(where)
    if limit is not None:
        sources = sources.take(range(min(limit, len(sources))))
    report = cw.save_cutouts(
        sources,
        store,
        out,
        sizes=sizes,
        url_root=url_root,
        look=look,
        add_metadata=not no_metadata,
        progress=sys.stderr.isatty(),
    )
    click.echo(_counts(report))
    for id_, reason in list(report.failed.items())[:10]:
        click.echo(f"  {id_}: {reason}", err=True)
    if report.manifest:
        click.echo(f"manifest: {report.manifest}")
    if report.failed:
        sys.exit(3)


@main.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(out: Path) -> None:
    """Check every file, row and URL of a directory that `save` wrote."""
    problems = cw.verify(out)
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(3)
