"""A GGUF model, its context and its sampler, over llama.cpp's own C functions.

llama-cpp-python's high-level `Llama` points the whole process's stdout and stderr at /dev/null while
it loads, which would blank a panel that another thread is drawing. The C functions that it wraps do
not, and they let a prompt be evaluated in small batches with a look at the cancel token in between.
"""

import ctypes
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knik.cancel import CancelToken
from knik.engines.cores import physical_cores, share_cores
from knik.errors import KnikError

BATCH = 64
"""Tokens evaluated between two looks at the cancel token. 64 tokens take about 0.25 s on a 1B model
and two cores; batches of 512 were 16 % faster there, on 150 M random weights."""

GPU_BATCH = 512

SHORTEST_RUN = 16
"""Tokens that have to agree before a part of the KV cache is moved to another place."""

EVERY_LAYER = 0x7FFFFFFF

PLAIN_ATTENTION = 0
"""llama.h's LLAMA_FLASH_ATTN_TYPE_DISABLED. Left to itself llama.cpp takes flash attention on a CPU, too,
which makes the few tokens of a question slow behind a long conversation (docs/benchmarks/engines.md)."""
TOP_K = 40
MIN_P = 0.05
"""llama.cpp's own defaults for the part of sampling that knik does not configure."""

_GGUF_MAGIC = b"GGUF"
_PIECE_BYTES = 256


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn.

    Attributes:
        temperature: 0 takes the likeliest token.
        top_p: Share of the probability that is drawn from.
        seed: Of the draws; -1 for a new one each time.
    """

    temperature: float = 0.7
    top_p: float = 0.95
    seed: int = -1


class LlamaRuntime:
    """Holds the model and remembers which tokens its KV cache has seen.

    Args:
        model: Path of a GGUF file.
        context: Tokens of prompt and reply together; cut to what the model was trained with.
        threads: 0 for one a physical core.
        gpu_layers: Layers to put on a GPU, -1 for all, 0 for none. Without a GPU build it has no
            effect.

    Raises:
        KnikError: llama-cpp-python is missing, or the file is missing or broken.
    """

    def __init__(self, model: Path, *, context: int, threads: int, gpu_layers: int) -> None:
        self._llama = _library()
        _check_file(model)
        self.on_gpu = gpu_layers != 0 and bool(self._llama.llama_supports_gpu_offload())
        self._batch = GPU_BATCH if self.on_gpu else BATCH
        self._cached: list[int] = []
        self._sampler: Any = None
        self._context: Any = None
        self._model: Any = self._load(model, gpu_layers)
        self._vocab = self._llama.llama_model_get_vocab(self._model)
        trained = int(self._llama.llama_model_n_ctx_train(self._model))
        self._context = self._open(min(context, trained), threads or physical_cores())
        if not self._context:
            self.close()
            raise KnikError(
                f"There is not enough memory for {model.name} with a context of {context} tokens.",
                "Lower chat.context in the configuration, or take a smaller model: knik models list",
            )
        self._memory = self._llama.llama_get_memory(self._context)
        self.context = int(self._llama.llama_n_ctx(self._context))
        self.evaluated = 0
        """Tokens evaluated since the model was loaded."""

    def describe(self) -> str:
        """What llama.cpp calls the model, such as "llama 1B Q4_0"."""
        buffer = ctypes.create_string_buffer(256)
        self._llama.llama_model_desc(self._model, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    @property
    def version(self) -> str:
        """Of the library."""
        return str(self._llama.__version__)

    def template(self) -> str:
        """The model's chat template (jinja), or an empty string."""
        template = self._llama.llama_model_chat_template(self._model, None)
        return template.decode("utf-8", "replace") if template else ""

    def special(self) -> tuple[str, str]:
        """The texts of the tokens that begin and end a text; empty where the model has none."""
        begin = self._llama.llama_vocab_bos(self._vocab)
        end = self._llama.llama_vocab_eos(self._vocab)
        return self._text_of(begin), self._text_of(end)

    def tokenize(self, text: str, *, begin: bool) -> list[int]:
        """The tokens of `text`, control tokens written out in it included.

        Args:
            text: A rendered prompt.
            begin: Whether the model's begin token is put in front, if it wants one.
        """
        data = text.encode("utf-8", "replace")
        # No token is shorter than a byte, but for the two that the model adds itself.
        room = len(data) + 2
        tokens = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self._vocab, data, len(data), tokens, room, begin, True)
        if count < 0:
            raise KnikError("llama.cpp could not tokenise the prompt.")
        return list(tokens[:count])

    def ends(self, token: int) -> bool:
        """Whether the token ends the reply (end of text, of turn or of message)."""
        return bool(self._llama.llama_vocab_is_eog(self._vocab, token))

    def piece(self, token: int) -> bytes:
        """The token's bytes, which may end inside a character; empty for control tokens."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        size = self._llama.llama_token_to_piece(self._vocab, token, buffer, _PIECE_BYTES, 0, False)
        return buffer.raw[: max(0, size)]

    def holds(self, tokens: Sequence[int]) -> bool:
        """Whether the KV cache begins with `tokens`."""
        return self._cached[: len(tokens)] == list(tokens)

    def evaluate(self, tokens: Sequence[int], cancel: CancelToken) -> None:
        """Make the KV cache hold exactly `tokens`, reusing the prefix that it holds already.

        The last token is always evaluated anew, since the next one is drawn from its result.

        Where turns were left out in the middle, what follows them is moved up instead of evaluated
        again (llama.cpp's context shift, as its server does with --cache-reuse): the moved part still
        remembers a little of what was left out.

        Raises:
            Cancelled: Between two batches; what was evaluated until then stays usable.
        """
        self._close_gap(tokens)
        self._forget(min(_agreement(self._cached, tokens), len(tokens) - 1))
        for start in range(len(self._cached), len(tokens), self._batch):
            cancel.check()
            self._decode(tokens[start : start + self._batch])

    def extend(self, token: int) -> None:
        """Evaluate one more token behind those that the cache holds."""
        self._decode([token])

    def begin_sampling(self, sampling: Sampling) -> None:
        """Start a reply with fresh random draws."""
        self._free_sampler()
        llama = self._llama
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        if sampling.temperature <= 0:
            parts = [llama.llama_sampler_init_greedy()]
        else:
            seed = llama.LLAMA_DEFAULT_SEED if sampling.seed < 0 else sampling.seed
            parts = [
                llama.llama_sampler_init_top_k(TOP_K),
                llama.llama_sampler_init_top_p(sampling.top_p, 1),
                llama.llama_sampler_init_min_p(MIN_P, 1),
                llama.llama_sampler_init_temp(sampling.temperature),
                llama.llama_sampler_init_dist(seed),
            ]
        for part in parts:
            llama.llama_sampler_chain_add(chain, part)
        self._sampler = chain

    def sample(self) -> int:
        """Draw the token that follows the last evaluated one."""
        return int(self._llama.llama_sampler_sample(self._sampler, self._context, -1))

    def close(self) -> None:
        """Free everything; a second call does nothing."""
        self._free_sampler()
        if self._context:
            self._llama.llama_free(self._context)
            self._context = None
        if self._model:
            self._llama.llama_model_free(self._model)
            self._model = None

    @property
    def device(self) -> str:
        """What computes, such as "CPU", "CUDA" or "Metal"."""
        if not self.on_gpu:
            return "CPU"
        # "CUDA : ARCHS = 900 | USE_GRAPHS = 1 | CPU : AVX2 = 1 | ...": the name of each backend in the build.
        backends = re.findall(r"(\w+) : ", self._llama.llama_print_system_info().decode())
        return next((name for name in backends if name != "CPU"), "GPU")

    def _load(self, path: Path, gpu_layers: int) -> Any:
        params = self._llama.llama_model_default_params()
        params.n_gpu_layers = EVERY_LAYER if gpu_layers < 0 else gpu_layers
        model = self._llama.llama_model_load_from_file(str(path).encode(), params)
        if not model and self.on_gpu:
            # Most likely the GPU's memory is too small.
            self.on_gpu, self._batch = False, BATCH
            return self._load(path, 0)
        if not model:
            raise KnikError(f"llama.cpp cannot load {path}: broken, or of a kind it does not know.", _AGAIN)
        return model

    def _open(self, context: int, threads: int) -> Any:
        params = self._llama.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = min(context, self._batch)
        params.n_threads = params.n_threads_batch = threads
        if not self.on_gpu:
            params.flash_attn_type = PLAIN_ATTENTION
        params.no_perf = True
        return self._llama.llama_init_from_model(self._model, params)

    def state(self) -> bytes:
        """What the cache holds, for `restore`."""
        size = self._llama.llama_state_seq_get_size(self._context, 0)
        buffer = (ctypes.c_uint8 * size)()
        written = self._llama.llama_state_seq_get_data(self._context, buffer, size, 0)
        return bytes(buffer)[:written]

    def restore(self, state: bytes, tokens: Sequence[int]) -> bool:
        """Let the cache hold `tokens`, whose `state` was taken from the very same model; llama.cpp ends
        the process if it is damaged. False, and an empty cache, when the context is too small for it."""
        self.forget()
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not self._llama.llama_state_seq_set_data(self._context, buffer, len(state), 0):
            self.forget()
            return False
        self._cached = list(tokens)
        return True

    def _close_gap(self, tokens: Sequence[int]) -> None:
        """Take out of the cache what `tokens` leaves out, if they go on as the cache does after it."""
        keep = _agreement(self._cached, tokens)
        run = list(tokens[keep : keep + SHORTEST_RUN])
        if not keep or len(run) < SHORTEST_RUN or not self._llama.llama_memory_can_shift(self._memory):
            return
        last = len(self._cached) - SHORTEST_RUN
        found = next(
            (i for i in range(keep + 1, last + 1) if self._cached[i : i + SHORTEST_RUN] == run), None
        )
        if found is not None and self._llama.llama_memory_seq_rm(self._memory, 0, keep, found):
            self._llama.llama_memory_seq_add(self._memory, 0, found, -1, keep - found)
            del self._cached[keep:found]

    def _forget(self, keep: int) -> None:
        """Drop what the cache holds from position `keep` on."""
        if keep < len(self._cached):
            # Recurrent models hold one state and cannot go back to an earlier one.
            if keep and self._llama.llama_memory_seq_rm(self._memory, 0, keep, -1):
                del self._cached[keep:]
            else:
                self.forget()

    def forget(self) -> None:
        """Empty the cache."""
        self._llama.llama_memory_clear(self._memory, True)
        self._cached.clear()

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (self._llama.llama_token * len(tokens))(*tokens)
        status = self._llama.llama_decode(self._context, self._llama.llama_batch_get_one(array, len(tokens)))
        if status != 0:
            self.forget()
            raise KnikError(f"llama.cpp could not evaluate the conversation (error {status}).")
        self._cached.extend(tokens)
        self.evaluated += len(tokens)

    def _text_of(self, token: int) -> str:
        if token < 0:
            return ""
        text = self._llama.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace") if text else ""

    def _free_sampler(self) -> None:
        if self._sampler:
            self._llama.llama_sampler_free(self._sampler)
            self._sampler = None


def _agreement(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two prompts have in common from the start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


_AGAIN = "Fetch it again: knik models download"


def _library() -> Any:
    share_cores()
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise KnikError(
            f"The chat model needs llama-cpp-python, which does not load ({error}).",
            "Install it: uv sync --extra llama (compiles about four minutes; README names prebuilt "
            'wheels), or set chat.engine to "openai" or "builtin".',
        ) from error
    # Its log callback prints whatever passes this logger's level; errors are told by `KnikError`.
    logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL + 1)
    llama_cpp.llama_backend_init()
    return llama_cpp


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise KnikError(
            f"The chat model {path} cannot be read ({error.strerror}).",
            "Fetch one: knik models download",
        ) from error
    if magic != _GGUF_MAGIC:
        raise KnikError(f"The chat model {path} is no GGUF file.", _AGAIN)
