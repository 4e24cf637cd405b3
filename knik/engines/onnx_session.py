"""An onnxruntime session whose runs can be ended from another thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from knik.cancel import CancelToken
from knik.errors import KnikError

_FATAL = 4
"""onnxruntime's severity of fatal errors; lesser ones are raised anyway and need not be printed."""


class CancellableSession:
    """Stands in for an `onnxruntime.InferenceSession`; used by one thread at a time.

    Args:
        model: The ONNX file.
        threads: That one operator is spread over.
        provider: "cpu", or "auto" for a GPU where the installed onnxruntime has one.

    Raises:
        KnikError: The file is broken.
    """

    def __init__(self, model: Path, *, threads: int, provider: str) -> None:
        import onnxruntime

        onnxruntime.set_default_logger_severity(_FATAL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL
        # Plans for each length of a clause would pile up.
        options.enable_mem_pattern = False
        # Spinning threads would take the cores from transcription and the chat model.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        if provider == "auto" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            providers.insert(0, "CUDAExecutionProvider")
        self._new_options = onnxruntime.RunOptions
        self._cancel = CancelToken()
        try:
            self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=providers)
        except Exception as error:  # onnxruntime's errors share no base class
            raise KnikError(
                f"onnxruntime cannot load {model} ({_first_line(error)}).",
                "Fetch it again: knik models download",
            ) from error

    @property
    def device(self) -> str:
        """What computes, such as "CPU" or "CUDA"."""
        return str(self._session.get_providers()[0]).removesuffix("ExecutionProvider")

    @contextmanager
    def cancelled_by(self, cancel: CancelToken) -> Iterator[None]:
        """Let the token end the runs within.

        Raises:
            Cancelled: A run was ended so.
            KnikError: The model failed.
        """
        self._cancel = cancel
        try:
            yield
        except Exception as error:
            cancel.check()
            raise KnikError(f"The voice model failed ({_first_line(error)}).") from error

    def run(self, outputs: Any, inputs: Any) -> Any:
        """`InferenceSession.run`, ended when the token of `cancelled_by` is cancelled."""
        options = self._new_options()
        options.log_severity_level = _FATAL

        def terminate() -> None:
            options.terminate = True

        withdraw = self._cancel.on_cancel(terminate)
        try:
            return self._session.run(outputs, inputs, options)
        finally:
            withdraw()

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        self._session = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
