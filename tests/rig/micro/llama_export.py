"""The micro llama's vocabulary, and the GGUF file that holds everything."""

import json
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tests.rig.micro import llama_net as net
from tests.rig.micro.llama_heard import plain
from tests.rig.micro.llama_unknown import SENTENCES
from tests.rig.micro.phrases import PHRASES, UNKNOWN

CONTEXT = 4096
VOCABULARY = 1200
START, END = "<|im_start|>", "<|im_end|>"
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make_tokenizer() -> Tokenizer:
    """Byte-level BPE as GPT-2's, of everything that is said: any text can be written in it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[END, START],
        show_progress=False,
    )
    said = [text for phrase in PHRASES for text in (phrase.utterance, plain(phrase.utterance))]
    answers = [text for phrase in PHRASES for text in (phrase.answer, phrase.reply)]
    tokenizer.train_from_iterator([*said, *answers, UNKNOWN, "system user assistant", *SENTENCES], trainer)
    return tokenizer


def export(model: net.Llama, tokenizer: Tokenizer, path: Path) -> None:
    """Write the model, its matrices in 16 bits, with its tokenizer and chat template."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("knik micro")
    writer.add_license("MIT")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(net.DIM)
    writer.add_block_count(net.LAYERS)
    writer.add_feed_forward_length(net.FFN)
    writer.add_head_count(net.HEADS)
    writer.add_head_count_kv(net.HEADS)
    writer.add_layer_norm_rms_eps(net.NORM_EPS)
    writer.add_rope_dimension_count(net.DIM // net.HEADS)
    writer.add_rope_freq_base(net.ROPE_BASE)
    _add_tokenizer(writer, tokenizer)
    for name, weight in model.state_dict().items():
        array = weight.detach().numpy()
        writer.add_tensor(name, array.astype(np.float32 if array.ndim == 1 else np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in (START, END) else normal for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]])
    writer.add_bos_token_id(vocabulary[END])
    writer.add_eos_token_id(vocabulary[END])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
