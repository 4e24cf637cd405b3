"""`knik devices`."""

from typing import Annotated

import typer

EPILOG = """
Examples:
  knik devices  what there is, and which the defaults are
  knik devices --json  the same for programs
  knik chat --input USB --output 3  use devices by a part of their name, or by number

Exit codes:
  0  there are devices
  1  there is none
"""


def devices(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List microphones and speakers as knik sees them."""
    import dataclasses
    import json

    from rich.console import Console
    from rich.table import Table

    from knik.audio.choose import list_devices, supported_rates

    found = [(device, supported_rates(device)) for device in list_devices()]
    if as_json:
        listed = [{**dataclasses.asdict(device), "rates": rates} for device, rates in found]
        typer.echo(json.dumps(listed, indent=2))
        raise typer.Exit(0 if found else 1)
    if not found:
        typer.echo("No sound devices were found. Plug one in, or start the sound server.", err=True)
        raise typer.Exit(1)
    table = Table(box=None, pad_edge=False)
    for title in ("no.", "name", "system", "in", "out", "rate", "also", "default"):
        table.add_column(title, justify="right" if title in ("no.", "in", "out", "rate") else "left")
    for device, rates in found:
        default = [
            word
            for word, is_it in (("input", device.default_input), ("output", device.default_output))
            if is_it
        ]
        table.add_row(
            str(device.index),
            device.name,
            device.host_api,
            str(device.inputs),
            str(device.outputs),
            str(device.rate),
            " ".join(str(rate) for rate in rates if rate != device.rate),
            " and ".join(default),
        )
    Console().print(table)
