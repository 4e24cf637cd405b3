"""`knik models`. The bodies are imported when they run, so that `--help` stays quick."""

from pathlib import Path
from typing import Annotated

import typer

from knik.cli import complete
from knik.cli.manual import App

app = App(
    help="List, fetch, check and choose models.\n\n"
    "A bundle is a Whisper, a chat model and a voice that go together. What was fetched last is in use; "
    "knik models use chooses among what is installed.",
    epilog="""
    Examples:
      knik models recommend  which bundle suits this machine, and how quick it would be
      knik models download  fetch it
      knik models list  what there is, and what is installed
    """,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    "list",
    epilog="""
    Examples:
      knik models list  everything that knik knows by name
      knik models list --kind chat  only the models that answer
      knik models list --json  with sources, revisions and checksums
    """,
)
def list_models(
    kind: Annotated[
        str | None, typer.Option(help="Only stt, chat, tts, turn or wake.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """List the models that knik knows, and which are installed and in use."""
    from knik.cli.models_show import show_models

    show_models(kind, as_json=as_json)


@app.command(
    epilog="""
    Examples:
      knik models path  the folder
      knik models path base.en  where one model lies
      du -sh "$(knik models path)"  what they take on the disk
    """
)
def path(
    name: Annotated[
        str | None, typer.Argument(help="A model.", autocompletion=complete.models, show_default=False)
    ] = None,
) -> None:
    """Print the folder that models are in, or where one of them lies."""
    from knik.cli.models_show import show_path

    show_path(name)


@app.command(
    epilog="""
    Examples:
      knik models download  what the configuration names, or what suits this machine
      knik models download small  a bundle
      knik models download base.en qwen3-4b  models by name
      knik models download tiny.en --from /media/stick  from a folder or a mirror
    """
)
def download(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Models and bundles; without any, what the configuration names, or else the bundle that "
            "suits this machine.",
            autocompletion=complete.models,
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A folder or address to take the files from.", show_default=False),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to put them.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON on stdout.")] = False,
) -> None:
    """Fetch models by name, with resume and checksums; from then on knik uses them.

    Beside servers that you configure, this is all that knik uses the network for. HF_HOME, HF_ENDPOINT,
    HF_TOKEN, HF_HUB_OFFLINE and the usual proxy variables are respected.
    """
    from knik.cli.models_run import download_models

    download_models(names or [], source, folder, yes=yes, as_json=as_json)


@app.command(
    epilog="""
    Examples:
      knik models use tiny.en  one that is installed
      knik models use small  all three of a bundle
    """
)
def use(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Installed models, or a bundle.", autocompletion=complete.models, show_default=False
        ),
    ],
) -> None:
    """Choose among installed models; holds where the configuration says model = "auto"."""
    from knik.cli.models_run import use_models

    use_models(names)


@app.command(
    epilog="""
    Examples:
      knik models remove large-v3  one model
      knik models remove best --yes  a bundle, without being asked
    """
)
def remove(
    names: Annotated[
        list[str],
        typer.Argument(help="Models, or a bundle.", autocompletion=complete.models, show_default=False),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete models from the models folder. Of a linked model only the link goes."""
    from knik.cli.models_run import remove_models

    remove_models(names, yes=yes)


@app.command(
    epilog="""
    Examples:
      knik models verify  all that are installed
      knik models verify base.en --json  one, for programs
    """
)
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Models; without any, all installed.", autocompletion=complete.models, show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read installed models again and compare their checksums; exit code 1 when one is not intact."""
    from knik.cli.models_run import verify_models

    verify_models(names or [], as_json=as_json)


@app.command(
    epilog="""
    Examples:
      knik models recommend  a table and a proposal
      knik models recommend --json  with every figure behind it
    """
)
def recommend(as_json: Json = False) -> None:
    """Look at this machine, time it for half a second, and say which bundle fits, and how quick."""
    from knik.cli.models_show import show_advice

    show_advice(as_json=as_json)


@app.command(
    "import",
    epilog="""
    Examples:
      knik models import llama-3.2-3b.gguf  a chat model
      knik models import ./my-whisper --name mine  a folder with a CTranslate2 Whisper
      knik models import big.gguf --link  without copying it
    """,
)
def import_model(
    source: Annotated[
        Path, typer.Argument(help="A GGUF file, or a folder with a Whisper or a Kokoro.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call it; the file's name otherwise.", show_default=False)
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="stt, chat, tts, turn or wake, where knik cannot tell.", show_default=False),
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Link to it instead of copying it.")] = False,
) -> None:
    """Take a model that is on this machine already into the models folder, and use it from now on."""
    from knik.cli.models_run import import_own

    import_own(source, name, kind, link=link)
