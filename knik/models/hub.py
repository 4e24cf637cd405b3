"""What Hugging Face's own tools have settled on this machine: cache, token, offline mode."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_FILE = re.compile(r"^https://huggingface\.co/([^/]+/[^/]+)/resolve/([^/]+)/(.+)$")
_YES = frozenset({"1", "on", "yes", "true"})


def offline(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the user forbade the network: HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE."""
    return any(env.get(name, "").lower() in _YES for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def cached(url: str) -> Path | None:
    """The file behind an address of Hugging Face, if its cache (HF_HOME) has it."""
    match = _FILE.match(url)
    if match is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    repository, revision, name = match.groups()
    found = try_to_load_from_cache(repository, name, revision=revision)
    return Path(found) if isinstance(found, str) else None


def credentials(url: str) -> dict[str, str]:
    """Headers for an address of Hugging Face: the user's token, if there is one (HF_TOKEN, hf login)."""
    if _FILE.match(url) is None:
        return {}
    from huggingface_hub import get_token

    token = get_token()
    return {"Authorization": f"Bearer {token}"} if token else {}
