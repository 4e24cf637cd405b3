"""`knik models`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Fetch and find models.", pretty_exceptions_enable=False)


@app.command("list", epilog="Examples: `knik models list` · `knik models list --json`")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the models that knik knows, and which are installed."""
    import dataclasses
    import json

    from rich.console import Console
    from rich.table import Table

    from knik.config.load import load
    from knik.models.catalogue import catalogue
    from knik.models.locate import locate, models_dir

    folder = models_dir(load().config.models.dir)
    rows = [(entry, locate(entry.kind, entry.name, folder) is not None) for entry in catalogue()]
    if as_json:
        typer.echo(json.dumps([{**dataclasses.asdict(e), "installed": there} for e, there in rows], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("", "name", "for", "MB", "licence", "good for"):
        table.add_column(title, justify="right" if title == "MB" else "left")
    for entry, there in rows:
        mark = "✓" if there else ""
        table.add_row(mark, entry.name, entry.kind, str(entry.megabytes), entry.licence, entry.note)
    Console().print(table)


@app.command()
def path() -> None:
    """Print the folder that models are in."""
    from knik.config.load import load
    from knik.models.locate import models_dir

    typer.echo(models_dir(load().config.models.dir))


@app.command(epilog="Examples: `knik models download` · `knik models download tiny.en --from /media/stick`")
def download(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Short names; without any, those of the configuration.", show_default=False),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A folder or address to take the files from.", show_default=False),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to put them.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON on stdout.")] = False,
) -> None:
    """Fetch models by name, with resume and checksums.

    Beside servers that you configure, this is all that knik uses the network for.
    """
    from knik.cli.models_run import download_models

    download_models(names or [], source, folder, as_json=as_json)
