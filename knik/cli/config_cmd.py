"""`knik config`."""

from typing import Annotated

import typer

from knik.cli.manual import App

app = App(
    help="Show, check and begin the configuration.\n\n"
    "Defaults, then config.toml, then KNIK_SECTION_KEY in the environment, then flags: each wins over the "
    "one before.",
    epilog="""
    Examples:
      knik config init  write a file with every key and why one would change it
      knik config show --origin  every value, and where it comes from
      knik config check  find misspelt keys and wrong values
    """,
)


@app.command(
    epilog="""
    Examples:
      knik config show  the configuration in force, as TOML
      knik config show --origin  where each value comes from: file, environment or default
      knik config show --json  the same for programs
    """
)
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
) -> None:
    """Print the configuration in force."""
    import json

    from knik.config.example import show as as_toml
    from knik.config.load import load

    loaded = load()
    if as_json:
        values = loaded.config.model_dump(mode="json")
        typer.echo(json.dumps({"config": values, "origin": loaded.origins} if origin else values, indent=2))
    else:
        typer.echo(as_toml(loaded.config, loaded.origins if origin else None), nl=False)


@app.command(
    epilog="""
    Examples:
      knik config path  print the file
      $EDITOR "$(knik config path)"  change it
    """
)
def path() -> None:
    """Print where the configuration file is, or would be."""
    from knik.config.load import default_path

    typer.echo(default_path())


@app.command(
    epilog="""
    Examples:
      knik config init  write it to the usual place
      knik --config my.toml config init  write it elsewhere
    """
)
def init() -> None:
    """Write a configuration file with every key at its default; never overwrites one."""
    from knik.config.example import example
    from knik.config.load import default_path
    from knik.errors import KnikError

    file = default_path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(example())
    except FileExistsError:
        raise KnikError(
            f"{file} is there already and was left as it is.", "Edit it, or move it away."
        ) from None
    except OSError as error:
        raise KnikError(f"{file}: cannot be written ({error.strerror}).") from error
    typer.echo(file)


@app.command(
    epilog="""
    Examples:
      knik config check  say whether everything in it is right, and where it is not

    Exit codes:
      0  every key and value is right
      2  something is wrong with it
    """
)
def check() -> None:
    """Check the configuration; exit code 2 when something is wrong with it."""
    from knik.config.load import load

    loaded = load()
    there = "is fine" if loaded.path.exists() else "does not exist, so the defaults hold"
    typer.echo(f"{loaded.path} {there}; {len(loaded.origins)} values differ from their defaults.")
