"""Every key, its type, its default and why one would change it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SYSTEM_PROMPT = (
    "You are knik, a friendly voice assistant on the user's own computer. Your words are spoken aloud, "
    "so answer in one to three short sentences of plain speech: no lists, no markdown, no emoji. "
    "If you do not know something, say so."
)


class Section(BaseModel):
    """A table of config.toml. Strict: "1.5" is no number there and 1 is no truth value."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Audio(Section):
    """Microphone and speaker."""

    input: str = Field("", description="Microphone: name, part of a name or number; empty is the default.")
    output: str = Field("", description="Speaker: name, part of a name or number; empty is the default.")
    rate: int = Field(0, ge=0, le=384_000, description="Recording rate in Hz; 0 is the device's own.")
    latency_ms: int = Field(
        20, ge=5, le=500, description="Buffering at first; it grows by itself where the machine is too busy."
    )
    block_ms: int = Field(5, ge=5, le=50, description="Length of a block of sound.")
    echo: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Take the assistant's own voice out of the microphone; auto finds out if it is there.",
    )
    noise_suppression: Literal["on", "off"] = Field(
        "off", description="Take steady noise out of the microphone (WebRTC's suppressor)."
    )
    gain_control: Literal["on", "off"] = Field(
        "off", description="Bring voices to one level, near ones and far ones (WebRTC's gain control)."
    )
    input_gain_db: float = Field(
        0.0, ge=-40, le=40, description="Amplification of a microphone that is too quiet or too loud."
    )


class Vad(Section):
    """What counts as speech."""

    engine: Literal["auto", "silero", "webrtc"] = Field(
        "auto", description="auto lets webrtc gate silero, which costs least; the others stand alone."
    )
    threshold: float = Field(0.5, gt=0, lt=1, description="Raise it when noise is taken for speech.")
    aggressiveness: int = Field(2, ge=0, le=3, description="How much webrtc takes for noise.")


class Endpoint(Section):
    """When an utterance begins and ends."""

    onset_ms: int = Field(40, ge=10, le=500, description="Speech that starts an utterance.")
    pause_ms: int = Field(40, ge=30, le=2000, description="Silence after which work starts in advance.")
    silence_ms: int = Field(
        700, ge=100, le=5000, description="Silence that ends an utterance whose words are not known (yet)."
    )
    adaptive: bool = Field(
        True,
        description="Judge by the words if an utterance is finished; false always waits silence_ms.",
    )
    finished_ms: int = Field(250, ge=100, le=5000, description="Silence after words that sound finished.")
    open_ms: int = Field(1500, ge=100, le=10000, description="Silence after words that want to go on.")
    turn_model: Literal["auto", "off"] = Field(
        "auto",
        description="auto lets a turn-detection model judge the melody, too, if one is installed "
        "(knik models download smart-turn-v3).",
    )
    preroll_ms: int = Field(300, ge=0, le=2000, description="Sound kept from before the first syllable.")
    min_speech_ms: int = Field(100, ge=0, le=1000, description="Less speech than this is a click.")
    max_utterance_s: int = Field(30, ge=2, le=60, description="Longer utterances are cut.")


class BargeIn(Section):
    """Speaking over the assistant."""

    mode: Literal["duck", "stop", "off"] = Field(
        "duck",
        description="duck falls silent and goes on after a cough or an mm-hm; stop ends the reply at the "
        "first speech; off lets the assistant finish.",
    )
    duck_db: float = Field(
        18.0, ge=0, le=60, description="How much quieter the voice gets when somebody may be about to speak."
    )
    min_words: int = Field(
        1, ge=1, le=10, description="Words that end the reply; stop, wait and no always do, mm-hm never."
    )
    grace_ms: int = Field(
        80, ge=50, le=2000, description="Silence after a cough or an mm-hm before the reply goes on."
    )


class Wake(Section):
    """Sleeping until the wake phrase is said."""

    enabled: bool = Field(False, description="Answer only after the phrase; without it, always.")
    phrase: str = Field(
        "hey knik",
        pattern=r"[^\W_]",
        description="What wakes knik; two or more syllables that nobody says by chance.",
    )
    sleep_after_s: int = Field(30, ge=5, le=3600, description="Sleep again after so long without talk.")
    greeting: str = Field("Yes?", description="Said when only the phrase was said; empty says nothing.")


class Stt(Section):
    """Speech to text."""

    engine: Literal["auto", "faster-whisper", "pocketsphinx", "openai"] = Field(
        "auto", description="auto is faster-whisper if its model is installed, else the built-in ear."
    )
    model: str = Field(
        "auto",
        description="Short name (knik models list), or a folder; auto is the one fetched or chosen last "
        "(knik models use), at first base.en.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto takes a GPU if there is one.")
    compute_type: str = Field("default", description="int8, float16, ...; default suits the device.")
    threads: int = Field(0, ge=0, le=256, description="0 is one for each core, at most four.")
    language: str = Field("en", description="Language code; empty detects it for each utterance.")
    beam_size: int = Field(1, ge=1, le=10, description="More is slower and slightly surer.")
    short_context: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Encode short utterances without padding them to 30 s, several times faster; auto is on "
        "unless knik bench --check-short-context found that it harms this model.",
    )
    initial_prompt: str = Field(
        "", description="Names and words to expect, such as: Knik, Ljubljana, PortAudio."
    )
    recent_words: bool = Field(
        False,
        description="Let Whisper expect the words of the last reply, so that a name is written as it was "
        "there; transcribing takes about a tenth longer.",
    )
    no_speech_threshold: float = Field(
        0.6, ge=0, le=1, description="Above this probability of silence, unsure words are dropped."
    )
    logprob_threshold: float = Field(
        -1.0, ge=-10, le=0, description="Below this mean log-probability, words are dropped."
    )
    url: str = Field("", description="OpenAI-compatible server for engine openai.")
    api_key_env: str = Field("", description="Environment variable that holds its key.")


class Chat(Section):
    """The chat model."""

    engine: Literal["auto", "llama", "openai", "builtin"] = Field(
        "auto", description="auto is llama.cpp if its model is installed, else the built-in answers."
    )
    model: str = Field(
        "auto",
        description="Short name, a GGUF file, or the server's model name; auto is the one fetched or "
        "chosen last, at first qwen2.5-1.5b.",
    )
    system: str = Field(SYSTEM_PROMPT, description="What the model is told about itself.")
    context: int = Field(4096, ge=256, le=131_072, description="Tokens of conversation it can hold.")
    history_tokens: int = Field(
        1500,
        ge=100,
        le=131_072,
        description="Tokens of past conversation that a reply looks back at, as far as the context holds "
        "them. On a processor without a graphics card more of them make every answer later.",
    )
    max_tokens: int = Field(400, ge=1, le=8192, description="Longest reply.")
    temperature: float = Field(0.7, ge=0, le=2, description="0 always gives the same reply.")
    top_p: float = Field(0.95, gt=0, le=1, description="Leaves out unlikely words.")
    seed: int = Field(-1, ge=-1, description="Makes replies repeatable; -1 is random.")
    threads: int = Field(0, ge=0, le=256, description="0 is one for each physical core.")
    gpu_layers: int = Field(
        -1, ge=-1, description="Layers on the GPU, if llama.cpp was built for one; -1 all."
    )
    reflexes: bool = Field(True, description="Answer time, sums and timers by rule, at once.")
    speculate: bool = Field(True, description="Start the reply before the silence is certain.")
    url: str = Field("", description="OpenAI-compatible server, such as http://localhost:11434/v1.")
    api_key_env: str = Field("", description="Environment variable that holds its key.")
    stall_s: float = Field(15.0, gt=0, le=600, description="Give up on a server that is silent so long.")


class Tts(Section):
    """Text to speech."""

    engine: Literal["auto", "kokoro", "espeak", "openai"] = Field(
        "auto", description="auto is Kokoro if its model is installed, else the built-in voice."
    )
    model: str = Field(
        "auto",
        description="Short name, a folder, or the server's model name; auto is the one fetched or chosen "
        "last, at first kokoro-v1.0.",
    )
    voice: str = Field("", description="Voice or blend (af_sky:0.6,bf_emma:0.4); empty is the engine's own.")
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace.")
    language: str = Field("", description="Such as en-gb; empty is the voice's own.")
    threads: int = Field(0, ge=0, le=256, description="0 is one for each core, at most four.")
    fillers: bool = Field(True, description="Say something short (Let me see) when the answer will be late.")
    cache_mb: int = Field(
        20, ge=0, le=10_000, description="Room on disk for the sound of stock phrases; 0 keeps none."
    )
    paragraph_pause_ms: int = Field(500, ge=0, le=5000, description="Pause of knik say between paragraphs.")
    url: str = Field("", description="OpenAI-compatible server for engine openai.")
    api_key_env: str = Field("", description="Environment variable that holds its key.")


class Extra(Section):
    """A model of the user's own."""

    kind: Literal["stt", "chat", "tts", "turn", "wake"] = Field(description="What it is for.")
    source: str = Field(min_length=1, description="A full path, an address, or hf:OWNER/REPO[@REVISION].")
    files: tuple[str, ...] = Field(
        (), strict=False, description="Its files, where source is a repository or ends in a slash."
    )
    sha256: str = Field("", pattern="^([0-9a-f]{64})?$", description="Checksum of its first file.")
    megabytes: int = Field(0, ge=0, description="About what it weighs.")
    licence: str = Field("", description="For knik models list.")
    note: str = Field("", description="For knik models list.")


class Models(Section):
    """Downloaded models."""

    dir: str = Field(
        "", description="Where they land; empty is models/ of a checkout, else the XDG data folder."
    )
    mirror: str = Field("", description="Server or folder to take them from instead of the original.")
    extra: dict[str, Extra] = Field(
        {},
        description="Models of your own, by the name that knik models download then knows: kind is stt, "
        "chat, tts, turn or wake; source a full path, an address or hf:OWNER/REPO@REVISION; files, sha256, "
        "megabytes, licence and note are optional.",
        examples=[
            {
                "my-llama": {
                    "kind": "chat",
                    "source": "hf:bartowski/Llama-3.2-3B-Instruct-GGUF",
                    "files": ["Llama-3.2-3B-Instruct-Q4_K_M.gguf"],
                }
            }
        ],
    )


class Transcript(Section):
    """Written transcripts of conversations."""

    save: bool = Field(False, description="Keep a transcript of every conversation.")
    dir: str = Field("", description="Where; empty is the XDG data folder.")
    formats: tuple[Literal["jsonl", "markdown"], ...] = Field(
        ("jsonl", "markdown"), strict=False, description="jsonl for programs, markdown for people."
    )


class Ui(Section):
    """The screen."""

    panel: bool = Field(True, description="The live panel; false prints plain lines.")
    refresh_hz: int = Field(10, ge=1, le=30, description="How often the panel is drawn at most.")


class Config(Section):
    """The whole configuration."""

    audio: Audio = Audio()
    vad: Vad = Vad()
    endpoint: Endpoint = Endpoint()
    barge_in: BargeIn = BargeIn()
    wake: Wake = Wake()
    stt: Stt = Stt()
    chat: Chat = Chat()
    tts: Tts = Tts()
    models: Models = Models()
    transcript: Transcript = Transcript()
    ui: Ui = Ui()
