"""What each form of a block saves, what it loses, and how fast it is written and read.

    python -m benchmarks.kvcache.forms

Prints three tables and writes them to benchmarks/results/kvcache.md.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.forms import FORMS, BlockLayout
from kvcache.forms.choice import FormChoice
from kvcache.forms.error import FormError, measure
from kvcache.forms.layout import DTYPES
from tests.kvcache.forms.realistic_blocks import llama_blocks, normal_blocks, outlier_blocks

NUM_BLOCKS = 32
LONG_PROMPT_BLOCKS = 128
NUM_TIMED, NUM_WARM = 15, 3
TIMED_BYTES = 16_000_000
LOSSY = [name for name, form in FORMS.items() if not form.is_lossless]
DATA = {
    "forward pass": llama_blocks,
    "outlier channels": outlier_blocks,
    "normal numbers": normal_blocks,
}
NAIVE = "4 bits per token, g64"
SAID_OF_DATA = (
    "Forward pass: LlamaForCausalLM with random weights, RoPE, words repeated as in text. Outlier channels: "
    "synthetic, rotated keys with offsets, one channel in 16 ten times as large, values with heavy tails. "
    "Neither is a trained model; figures on trained weights follow."
)


def main() -> None:
    torch.set_num_threads(1)
    _publish_sizes()
    _publish_losses()
    _publish_speeds()


def _publish_sizes() -> None:
    rows = [_size(form, dtype) for dtype in DTYPES for form in FORMS]
    header = ("form and dtype", "bytes/token", "a block", "2,048 tokens", "8,192 tokens")
    _publish(
        "Forms: how much smaller",
        as_table(header, rows),
        "Times smaller than 16 bits a number, scales included, in blocks of 64 tokens. The prompts keep "
        "their first and their newest block in `split`, in the dtype they have. "
        f"6 layers, 2 heads of 64 channels, mean of {NUM_BLOCKS} blocks of the forward pass. {SAID_OF_DATA}",
    )


def _publish_losses() -> None:
    rows = [_loss(form, dtype) for dtype in DTYPES for form in LOSSY] + [_naive_loss()]
    header = ("form and dtype", *(f"{kind}: {side}" for kind in DATA for side in ("keys", "values")))
    _publish(
        "Forms: what is lost",
        as_table(header, rows),
        f"Relative error, Frobenius norm, mean of {NUM_BLOCKS} blocks; `raw` and `split` lose nothing. "
        "The last line is the plain way to 4 bits: scale and zero in float16 for 64 channels of a token, of "
        f"keys too; a block is 3.56 times smaller. {SAID_OF_DATA}",
    )


def _publish_speeds() -> None:
    layouts = {
        "6 layers, 2 x 64": BlockLayout(
            num_layers=6, num_kv_heads=2, block_tokens=64, head_dim=64, dtype="float32"
        ),
        "32 layers, 8 x 128": BlockLayout(
            num_layers=32, num_kv_heads=8, block_tokens=64, head_dim=128, dtype="float32"
        ),
    }
    rows = [
        (f"{form}, {dtype}", *(cell for layout in layouts.values() for cell in _speed(form, dtype, layout)))
        for dtype in DTYPES
        for form in FORMS
    ]
    header = ("form and dtype", *(f"{name}: {act}" for name in layouts for act in ("write", "read")))
    _publish(
        "Forms: how fast",
        as_table(header, rows),
        "GB/s counted at 2 bytes a number, whatever the dtype: in float32 twice as many bytes are moved. "
        "Blocks of 64 tokens with outlier channels, read into a buffer of 2,048; CPU time on one thread, "
        f"median of {NUM_TIMED} runs over at least {TIMED_BYTES / 1e6:.0f} MB each.",
    )


def _size(form: str, dtype: str) -> tuple[str, ...]:
    layout = _layout(dtype)
    whole, ends = (
        statistics.fmean(error.num_bytes for error in _errors(llama_blocks, name, layout))
        for name in (form, "split")
    )
    prompts = (NUM_BLOCKS, LONG_PROMPT_BLOCKS)
    ratios = [
        layout.sixteen_bit_bytes
        * num
        / FormChoice(form).prompt_bytes(num, lossless_bytes=round(ends), form_bytes=round(whole))
        for num in prompts
    ]
    cells = [layout.sixteen_bit_bytes / whole, *ratios]
    return (f"{form}, {dtype}", f"{whole / layout.block_tokens:,.0f}", *(f"{cell:.2f}" for cell in cells))


def _loss(form: str, dtype: str) -> tuple[str, ...]:
    cells = []
    for blocks in DATA.values():
        errors = _errors(blocks, form, _layout(dtype))
        cells.append(f"{statistics.fmean(error.relative_key_error for error in errors):.4f}")
        cells.append(f"{statistics.fmean(error.relative_value_error for error in errors):.4f}")
    return f"{form}, {dtype}", *cells


def _naive_loss() -> tuple[str, ...]:
    cells = []
    for blocks in DATA.values():
        prompt = blocks(_layout("float32"), NUM_BLOCKS)
        for side in (0, 1):
            numbers = [values[:, side] for values in prompt]
            cells.append(f"{statistics.fmean(map(_naive_error, numbers)):.4f}")
    return f"{NAIVE}, float32", *cells


def _naive_error(numbers: Tensor) -> float:
    """Loss of 4 bits between the least and the greatest of 64 channels of a token."""
    groups = numbers.unflatten(-1, (-1, 64))
    zero = groups.amin(-1, keepdim=True).half().float()
    scale = ((groups.amax(-1, keepdim=True) - zero) / 15).half().float()
    lost = ((groups - zero) / scale).round().clamp(0, 15) * scale + zero - groups
    return float(lost.norm() / groups.norm())


def _speed(form: str, dtype: str, shape: BlockLayout) -> tuple[str, str]:
    layout = BlockLayout(
        num_layers=shape.num_layers,
        num_kv_heads=shape.num_kv_heads,
        block_tokens=shape.block_tokens,
        head_dim=shape.head_dim,
        dtype=dtype,
    )
    values = outlier_blocks(layout, 1)[0]
    payload = FORMS[form].encode(values, layout)
    layers, sides, heads, tokens, dim = layout.shape
    live = torch.zeros((layers, sides, heads, 2048, dim), dtype=layout.torch_dtype)
    room = live[:, :, :, 10 * tokens : 11 * tokens]
    return (
        _gigabytes_per_second(lambda: FORMS[form].encode(values, layout), layout),
        _gigabytes_per_second(lambda: FORMS[form].decode(payload, layout, room), layout),
    )


def _gigabytes_per_second(act: Callable[[], object], layout: BlockLayout) -> str:
    times = -(-TIMED_BYTES // layout.sixteen_bit_bytes)
    taken = []
    for _ in range(NUM_WARM + NUM_TIMED):
        started = time.process_time()
        for _ in range(times):
            act()
        taken.append(time.process_time() - started)
    return f"{times * layout.sixteen_bit_bytes / statistics.median(taken[NUM_WARM:]) / 1e9:.2f}"


def _errors(
    blocks: Callable[[BlockLayout, int], list[Tensor]], form: str, layout: BlockLayout
) -> list[FormError]:
    return [measure(values, form, layout) for values in blocks(layout, NUM_BLOCKS)]


def _layout(dtype: str) -> BlockLayout:
    return BlockLayout(num_layers=6, num_kv_heads=2, block_tokens=64, head_dim=64, dtype=dtype)


def _publish(title: str, table: str, note: str) -> None:
    machine = describe_machine("torch", "zstandard", "transformers")
    body = "\n\n".join([table, note, f"Machine: {machine}.", "Repeat: `python -m benchmarks.kvcache.forms`"])
    print(f"{title}\n\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
