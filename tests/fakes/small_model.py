"""A real model in a folder, so small that a test can teach it its answers in a second or two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHAT = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]


def write_small_model(
    folder: Path, lessons: Sequence[tuple[str, str]], *, context_tokens: int = 200, num_merges: int = 0
) -> Path:
    """A Llama of one layer that has learnt to answer these prompts, in chat and in plain text.

    Its tokens are bytes, and so many merges of them.
    """
    tokenizer = _tokenizer(context_tokens, [answer for _, answer in lessons], num_merges)
    texts = [(tokenizer(prompt).input_ids, answer) for prompt, answer in lessons]
    for prompt, answer in lessons:
        turns = [{"role": "user", "content": prompt}]
        chat = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        texts.append((tokenizer(str(chat)).input_ids, answer))
    end = tokenizer.convert_tokens_to_ids(SPECIAL[0])
    examples = [torch.tensor([[*prompt, *tokenizer(answer).input_ids, end]]) for prompt, answer in texts]
    model = _taught(examples, len(tokenizer), context_tokens, end)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(context_tokens: int, texts: Sequence[str], num_merges: int) -> PreTrainedTokenizerFast:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: number for number, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if num_merges:
        trainer = trainers.BpeTrainer(
            vocab_size=len(letters) + num_merges, initial_alphabet=letters, show_progress=False
        )
        tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=SPECIAL[0],
        additional_special_tokens=SPECIAL[1:],
        chat_template=CHAT,
        model_max_length=context_tokens,
    )


def _taught(
    examples: Sequence[torch.Tensor], vocabulary: int, context_tokens: int, end: int
) -> LlamaForCausalLM:
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=context_tokens,
            bos_token_id=None,
            eos_token_id=end,
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(400):
        ids = examples[step % len(examples)]
        loss = torch.nn.functional.cross_entropy(model(ids[:, :-1]).logits[0], ids[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 19 and _knows(model, examples):
            break
    return model.eval()


def _knows(model: LlamaForCausalLM, examples: Sequence[torch.Tensor]) -> bool:
    with torch.inference_mode():
        return all(
            bool((model(ids[:, :-1]).logits[0, 8:].argmax(-1) == ids[0, 9:]).all()) for ids in examples
        )
