"""Makes the micro Kokoro: `python -m tests.rig.micro.kokoro` (with the `rig` dependency group).

A graph with Kokoro's inputs and outputs and no learnt weight. Every phoneme of the vocabulary has a
length and two formants from a table; the voice's style holds its pitch and its timbre; the sound is the
sum of the pitch's harmonics, loudest near the formants. So its length follows phonemes and speed, its
pitch follows the voice, and every phoneme sounds different.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from kokoro_onnx.config import DEFAULT_VOCAB, SAMPLE_RATE
from onnx import TensorProto, helper, numpy_helper

DATA = Path(__file__).parent / "data" / "kokoro"
SEED = 20261121
FRAME = 300
"""Samples of a frame of `duration`: 12.5 ms."""
HARMONICS = 24
BANDWIDTH = 180.0
VOICES = {"af_heart": (200.0, 1.0), "af_sky": (235.0, 1.06), "bf_emma": (180.0, 1.02), "am_michael": (110.0, 0.92),
          "bm_george": (95.0, 0.9)}  # fmt: skip
"""Pitch in Hz and factor on the formants, which a blend of styles blends too."""
VOWELS = "aeiouyɑɐɒæəɘɛɜɤɪɨɔøœʊʌʉʏAIOQSTWYᵊᵻɚɝ"
PAUSES = ";:,.!?—…"


def tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frames, both formants in Hz and loudness of every token."""
    random = np.random.default_rng(SEED)
    count = max(DEFAULT_VOCAB.values()) + 1
    frames = np.full(count, 5.0, np.float32)
    low = random.uniform(250, 900, count).astype(np.float32)
    high = random.uniform(1000, 2800, count).astype(np.float32)
    loud = np.full(count, 0.25, np.float32)
    for phoneme, token in DEFAULT_VOCAB.items():
        if phoneme in VOWELS:
            frames[token], loud[token] = 8.0, 0.35
        elif phoneme == " ":
            frames[token], loud[token] = 3.0, 0.02
        elif phoneme in PAUSES:
            frames[token], loud[token] = 12.0, 0.0
        elif phoneme in "ˈˌːʰʲ":
            frames[token] = 2.0
    frames[0], loud[0] = 2.0, 0.0
    return frames, low, high, loud


def build() -> onnx.ModelProto:
    """The graph, in operations that any onnxruntime has."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def op(kind: str, *inputs: str, out: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    frames, low, high, loud = tables()
    for name, value in (("frames", frames), ("low", low), ("high", high), ("loud", loud)):
        constant(name, value)
    zero, one = constant("zero", np.int64(0)), constant("one", np.int64(1))
    axis0, axis1 = constant("axis0", np.array([0])), constant("axis1", np.array([1]))
    row = op("Squeeze", "tokens", axis0, out="row")
    spread = op("Div", op("Gather", "frames", row, out="base"), "speed", out="spread")
    whole = op("Max", op("Round", spread, out="rounded"), constant("least", np.float32(1)), out="whole")
    op("Cast", whole, out="duration", to=TensorProto.INT64)
    ends = op("CumSum", "duration", zero, out="ends")
    total = op("ReduceSum", "duration", out="total", keepdims=0)
    samples = op("Mul", total, constant("frame", np.int64(FRAME)), out="samples")
    index = op("Range", zero, samples, one, out="index")
    frame_of = op("Div", index, "frame", out="frame_of")
    passed = op("GreaterOrEqual", op("Unsqueeze", frame_of, axis1, out="column"),
                op("Unsqueeze", ends, axis0, out="line"), out="passed")  # fmt: skip
    number = op(
        "ReduceSum", op("Cast", passed, out="ones", to=TensorProto.INT64), axis1, out="number", keepdims=0
    )
    token = op("Gather", row, number, out="token")
    style = op("Squeeze", "style", axis0, out="flat")
    pitch = op("Gather", style, constant("at_pitch", np.int64(0)), out="pitch")
    timbre = op("Gather", style, constant("at_timbre", np.int64(1)), out="timbre")
    turns = op("Mul", op("Cast", index, out="time", to=TensorProto.FLOAT),
               op("Div", pitch, constant("rate", np.float32(SAMPLE_RATE)), out="step"), out="turns")  # fmt: skip
    # The fraction of a turn keeps the phase exact in single precision.
    phase = op("Mul", op("Sub", turns, op("Floor", turns, out="done"), out="part"),
               constant("tau", np.float32(2 * np.pi)), out="phase")  # fmt: skip
    harmonics = constant("harmonics", np.arange(1, HARMONICS + 1, dtype=np.float32)[np.newaxis])
    waves = op(
        "Sin", op("Mul", op("Unsqueeze", phase, axis1, out="phases"), harmonics, out="angles"), out="waves"
    )
    pitches = op("Mul", harmonics, pitch, out="pitches")
    gains = []
    for name in ("low", "high"):
        formant = op("Mul", op("Gather", name, token, out=f"{name}_raw"), timbre, out=f"{name}_hz")
        away = op("Sub", pitches, op("Unsqueeze", formant, axis1, out=f"{name}_col"), out=f"{name}_away")
        scaled = op("Div", away, constant(f"{name}_width", np.float32(BANDWIDTH)), out=f"{name}_scaled")
        square = op("Mul", scaled, scaled, out=f"{name}_square")
        gains.append(op("Exp", op("Neg", square, out=f"{name}_neg"), out=f"{name}_gain"))
    gain = op("Add", op("Add", *gains, out="gain_sum"), constant("hum", np.float32(0.03)), out="gain")
    sound = op("ReduceSum", op("Mul", waves, gain, out="weighted"), axis1, out="sound", keepdims=0)
    op("Mul", sound, op("Mul", op("Gather", "loud", token, out="loudness"), constant("half", np.float32(0.5)),
                        out="level"), out="audio")  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "micro-kokoro",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "length"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["samples"]),
            helper.make_tensor_value_info("duration", TensorProto.INT64, ["length"]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Write the graph and its voices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    onnx.save(build(), str(out / "micro.onnx"))
    voices = {}
    for name, (pitch, timbre) in VOICES.items():
        style = np.zeros((510, 1, 256), np.float32)
        style[:, :, 0], style[:, :, 1] = pitch, timbre
        voices[name] = style
    with (out / "voices.bin").open("wb") as file:
        np.savez_compressed(file, **voices)


if __name__ == "__main__":
    main()
