"""What every form promises, and what each is known for."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from struct import pack

import pytest
import torch
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import kvcache.forms
from kvcache.forms import FORMS, BlockLayout, UnreadableForm
from kvcache.forms.choice import FormChoice
from kvcache.forms.error import measure
from kvcache.forms.layout import DTYPES
from tests.kvcache.forms.realistic_blocks import llama_blocks, normal_blocks, outlier_blocks

LOSSLESS = [name for name, form in FORMS.items() if form.is_lossless]
LOSSY = [name for name, form in FORMS.items() if not form.is_lossless]

NORMAL_LOSS = {"int8": (0.0055, 0.0065), "k8v4": (0.0055, 0.1), "int4": (0.08, 0.1)}
"""Relative key and value error at most, on independent normal numbers in groups of full size."""


def test_the_table_holds_every_form_of_the_folder() -> None:
    folder = Path(kvcache.forms.__file__).parent
    parts = {"__init__", "choice", "error", "form", "layout"}
    assert {file.stem for file in folder.glob("*.py")} - parts == set(FORMS)


def layout_of(dtype: str = "float32", tokens: int = 64, dim: int = 64, heads: int = 2) -> BlockLayout:
    return BlockLayout(num_layers=3, num_kv_heads=heads, block_tokens=tokens, head_dim=dim, dtype=dtype)


def decoded(form: str, payload: bytes | memoryview, layout: BlockLayout) -> Tensor:
    out = torch.empty(layout.shape, dtype=layout.torch_dtype)
    FORMS[form].decode(payload, layout, out)
    return out


def round_trip(form: str, values: Tensor, layout: BlockLayout) -> Tensor:
    return decoded(form, FORMS[form].encode(values, layout), layout)


def bits(values: Tensor) -> Tensor:
    return values.contiguous().view(-1).view(torch.uint8)


LAYOUTS = st.builds(
    BlockLayout,
    num_layers=st.integers(1, 2),
    num_kv_heads=st.integers(1, 3),
    block_tokens=st.sampled_from((16, 17, 24, 48, 64, 67, 80, 128, 250, 512)),
    head_dim=st.sampled_from((32, 33, 64, 80, 96, 100, 128, 256)),
    dtype=st.sampled_from(list(DTYPES)),
).filter(lambda layout: layout.num_values <= 1 << 18)


@pytest.mark.parametrize("form", LOSSLESS)
@settings(max_examples=25, deadline=None)
@given(layout=LAYOUTS, seed=st.integers(0, 1000), any_bits=st.booleans())
def test_a_lossless_form_returns_every_bit(form: str, layout: BlockLayout, seed: int, any_bits: bool) -> None:
    values = normal_blocks(layout, 1, seed)[0]
    if any_bits:  # NaN payloads, infinities, denormals and both zeros among them
        chance = torch.Generator().manual_seed(seed)
        bits(values).copy_(torch.randint(256, (layout.num_bytes,), generator=chance, dtype=torch.uint8))
    assert torch.equal(bits(round_trip(form, values, layout)), bits(values))


@pytest.mark.parametrize("form", LOSSY)
@settings(max_examples=25, deadline=None)
@given(layout=LAYOUTS, seed=st.integers(0, 1000))
def test_every_shape_keeps_its_loss_small(form: str, layout: BlockLayout, seed: int) -> None:
    """Groups of lengths without a fitting divisor are longer, up to a whole block, and lose more."""
    key_loss, value_loss = NORMAL_LOSS[form]
    for values in (normal_blocks(layout, 1, seed)[0], outlier_blocks(layout, 1, seed)[0]):
        error = measure(values, form, layout)
        assert error.relative_key_error <= 1.6 * key_loss
        assert error.relative_value_error <= 1.6 * value_loss


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", LOSSY)
def test_normal_numbers_lose_no_more_than_stated(form: str, dtype: str) -> None:
    layout = layout_of(dtype, heads=8)
    error = measure(normal_blocks(layout, 1)[0], form, layout)
    assert (error.relative_key_error, error.relative_value_error) <= NORMAL_LOSS[form]
    assert error.relative_value_error <= NORMAL_LOSS[form][1]


@pytest.mark.parametrize(
    ("form", "dtype", "num_blocks", "least_ratio", "most_loss"),
    [
        ("int8", "bfloat16", 32, 1.85, 0.005),
        ("int8", "float16", 40, 1.85, 0.005),
        ("int4", "bfloat16", 32, 3.3, 0.08),
        ("int4", "float16", 40, 3.3, 0.08),
    ],
)
@pytest.mark.parametrize("blocks", [llama_blocks, outlier_blocks])
def test_a_prompt_is_as_small_and_as_true_as_promised(
    blocks: Callable[[BlockLayout, int], list[Tensor]],
    form: str,
    dtype: str,
    num_blocks: int,
    least_ratio: float,
    most_loss: float,
) -> None:
    """From 2,048 tokens on, 2,560 in float16, the lossless blocks at both ends counted."""
    layout = layout_of(dtype)
    prompt, choice = blocks(layout, num_blocks), FormChoice(form)
    errors = [measure(values, choice.form_of(at, num_blocks), layout) for at, values in enumerate(prompt)]
    assert num_blocks * layout.sixteen_bit_bytes / sum(error.num_bytes for error in errors) >= least_ratio
    assert max(error.relative_key_error for error in errors) <= most_loss


@pytest.mark.parametrize("form", LOSSY)
def test_an_outlier_channel_does_not_cost_the_others_their_precision(form: str) -> None:
    layout = layout_of()
    values = normal_blocks(layout, 1)[0]
    values[:, 0, :, :, 7] += 100
    plain = [channel for channel in range(64) if channel != 7]
    lost = (round_trip(form, values, layout) - values)[:, 0][..., plain]
    assert float(lost.norm() / values[:, 0][..., plain].norm()) <= 1.3 * NORMAL_LOSS[form][0]


@pytest.mark.parametrize("form", LOSSY)
@pytest.mark.parametrize("trouble", [float("nan"), float("inf"), float("-inf"), 60_000.0])
@pytest.mark.parametrize("side", [0, 1])
def test_what_cannot_be_rounded_stays_lossless(form: str, trouble: float, side: int) -> None:
    layout = layout_of("float16")
    values = normal_blocks(layout, 1)[0]
    values[1, side, 1, 5, 3] = trouble
    assert torch.equal(bits(round_trip(form, values, layout)), bits(values))


@pytest.mark.parametrize("form", LOSSY)
@pytest.mark.parametrize("size", [1e-45, 1e-38, 1e-30, 1e-3, 1e5, 1e30, 8e37])
def test_any_magnitude_is_rounded_to_finite_numbers_near_it(form: str, size: float) -> None:
    layout = layout_of()
    values = normal_blocks(layout, 1)[0].clamp_(-1, 1) * size
    lost = (round_trip(form, values, layout) - values).abs()
    assert float(lost.max()) <= max(0.2 * size, 1e-35)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
def test_zeros_stay_zeros_and_constants_stay_near(form: str, dtype: str) -> None:
    layout = layout_of(dtype)
    zeros = torch.zeros(layout.shape, dtype=layout.torch_dtype)
    assert torch.equal(round_trip(form, zeros, layout), zeros)
    channels = torch.arange(1, 65, dtype=layout.torch_dtype).expand(layout.shape).contiguous()
    error = measure(channels, form, layout)
    assert error.relative_key_error <= 0.005
    assert error.relative_value_error <= 0.07


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", LOSSY)
def test_rounding_again_hardly_moves_what_was_rounded(form: str, dtype: str) -> None:
    layout = layout_of(dtype)
    values = outlier_blocks(layout, 1)[0]
    once = round_trip(form, values, layout)
    often = once
    for _ in range(8):
        often = round_trip(form, often, layout)
    first, drift = (once - values).float().norm(), (often - once).float().norm()
    assert drift <= 0.75 * first
    assert (often - values).float().norm() <= 1.25 * first


def test_four_bits_of_float32_round_to_themselves_but_for_a_few() -> None:
    layout = layout_of()
    once = round_trip("int4", outlier_blocks(layout, 1)[0], layout)
    assert float(round_trip("int4", once, layout).isclose(once).float().mean()) >= 0.99


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
def test_a_block_decodes_into_its_place_in_a_longer_buffer(form: str, dtype: str) -> None:
    layout = layout_of(dtype)
    values = outlier_blocks(layout, 1)[0]
    payload = FORMS[form].encode(values, layout)
    live = torch.full((3, 2, 2, 300, 64), 7.0, dtype=layout.torch_dtype)
    FORMS[form].decode(payload, layout, live[:, :, :, 101:165])
    assert torch.equal(live[:, :, :, 101:165], decoded(form, payload, layout))
    assert bool((live[:, :, :, :101] == 7).all() and (live[:, :, :, 165:] == 7).all())


@pytest.mark.parametrize("form", FORMS)
def test_a_block_decodes_into_another_dtype(form: str) -> None:
    layout = layout_of("bfloat16")
    payload = FORMS[form].encode(outlier_blocks(layout, 1)[0], layout)
    wide = torch.empty(layout.shape, dtype=torch.float32)
    FORMS[form].decode(payload, layout, wide)
    torch.testing.assert_close(wide.bfloat16(), decoded(form, payload, layout), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
def test_equal_values_give_equal_bytes_in_every_thread_and_are_left_alone(form: str, dtype: str) -> None:
    layout = layout_of(dtype)
    blocks = outlier_blocks(layout, 8)
    before = [values.clone() for values in blocks]
    alone = [FORMS[form].encode(values, layout) for values in blocks]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda values: FORMS[form].encode(values, layout), blocks * 4))
        read = list(pool.map(lambda payload: decoded(form, payload, layout), alone * 4))
    assert together == alone * 4
    assert all(map(torch.equal, before, blocks))
    expected = [decoded(form, payload, layout) for payload in alone]
    assert all(map(torch.equal, read, expected * 4))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("form", FORMS)
def test_it_does_not_matter_how_the_model_ran(form: str, dtype: str) -> None:
    layout = layout_of(dtype)
    values = outlier_blocks(layout, 1)[0]
    expected = FORMS[form].encode(values, layout)

    def in_a_new_thread() -> tuple[bytes, bytes, bytes]:
        with torch.inference_mode():
            inside = FORMS[form].encode(values.clone(), layout)
            decoded(form, inside, layout)
        outside = FORMS[form].encode(values, layout)
        with_gradient = FORMS[form].encode(values.clone().requires_grad_(), layout)
        return inside, outside, with_gradient

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(in_a_new_thread).result() == (expected,) * 3


@pytest.mark.parametrize("form", FORMS)
def test_a_payload_is_read_where_it_lies(form: str) -> None:
    layout = layout_of("bfloat16")
    payload = FORMS[form].encode(outlier_blocks(layout, 1)[0], layout)
    inside = memoryview(b"odd" + payload + b"rest")[3 : 3 + len(payload)]
    assert torch.equal(decoded(form, inside, layout), decoded(form, payload, layout))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("error")
def test_a_damaged_payload_is_unreadable_or_other_values(form: str, dtype: str) -> None:
    layout = layout_of(dtype, tokens=16, dim=32)
    values = normal_blocks(layout, 1)[0]
    broken = values.clone()
    broken[0, 0, 0, 0, 0] = float("nan")
    chance = random.Random(3)
    for payload in (FORMS[form].encode(values, layout), FORMS[form].encode(broken, layout)):
        for damaged in damages(payload, chance):
            with suppress(UnreadableForm):
                assert decoded(form, damaged, layout).shape == layout.shape


def damages(payload: bytes, chance: random.Random) -> list[bytes]:
    """Flipped bytes, most of them near the ends where flags and lengths lie; cuts, additions, noise."""
    flipped = []
    for number in range(300):
        damaged = bytearray(payload)
        at = (
            number % 40
            if number < 80
            else -(number % 40) - 1
            if number < 160
            else chance.randrange(len(payload))
        )
        damaged[at] = chance.randrange(256)
        flipped.append(bytes(damaged))
    cuts = [payload[: chance.randrange(len(payload))] for _ in range(60)]
    noise = [chance.randbytes(chance.randrange(2 * len(payload))) for _ in range(60)]
    return [*flipped, *cuts, *noise, b"", b"\x00", b"\x01", b"\xff", payload + b"\x00", payload + payload]


@pytest.mark.parametrize("form", FORMS)
def test_a_payload_of_another_layout_is_unreadable(form: str) -> None:
    payload = FORMS[form].encode(outlier_blocks(layout_of(), 1)[0], layout_of())
    for other in (layout_of(tokens=32), layout_of(dim=80), layout_of(heads=3)):
        with pytest.raises(UnreadableForm):
            decoded(form, payload, other)


@pytest.mark.parametrize("form", FORMS)
def test_a_byte_too_many_or_too_few_is_unreadable(form: str) -> None:
    layout = layout_of("bfloat16")
    payload = FORMS[form].encode(outlier_blocks(layout, 1)[0], layout)
    for damaged in (payload[:-1], payload[1:], b"\x00" + payload, payload + b"\x00", payload + b"\x01"):
        with pytest.raises(UnreadableForm):
            decoded(form, damaged, layout)


@pytest.mark.parametrize("form", LOSSY)
def test_a_scale_that_is_not_finite_is_unreadable(form: str) -> None:
    layout = layout_of()
    payload = bytearray(FORMS[form].encode(normal_blocks(layout, 1)[0], layout))
    payload[:4] = pack("<f", float("nan"))
    with pytest.raises(UnreadableForm, match="super-scale"):
        decoded(form, bytes(payload), layout)


def test_a_frame_that_claims_more_than_the_block_is_not_opened() -> None:
    layout = layout_of("bfloat16")
    frame = zstandard.ZstdCompressor(level=1).compress(bytes(1 << 28))
    bomb = b"\x01" + pack("<I", len(frame)) + frame
    with pytest.raises(UnreadableForm, match="claims"):
        decoded("split", bomb, layout)
    with pytest.raises(UnreadableForm, match="claims"):
        decoded("int4", bomb + b"\x00", layout)


def test_split_keeps_the_bytes_of_a_block_that_gains_nothing() -> None:
    layout = layout_of("bfloat16")
    chance = torch.Generator().manual_seed(1)
    values = torch.empty(layout.shape, dtype=torch.bfloat16)
    bits(values).copy_(torch.randint(256, (layout.num_bytes,), generator=chance, dtype=torch.uint8))
    assert FORMS["split"].encode(values, layout) == b"\x00" + FORMS["raw"].encode(values, layout)


def test_split_makes_normal_bfloat16_a_third_smaller() -> None:
    layout = layout_of("bfloat16")
    assert measure(normal_blocks(layout, 1)[0], "split", layout).ratio >= 1.45


@pytest.mark.parametrize("form", FORMS)
def test_values_or_room_of_another_layout_are_refused(form: str) -> None:
    layout = layout_of()
    values = normal_blocks(layout, 1)[0]
    with pytest.raises(ValueError, match="are not of"):
        FORMS[form].encode(values[:2], layout)
    with pytest.raises(ValueError, match="are not of"):
        FORMS[form].encode(values.half(), layout)
    with pytest.raises(ValueError, match="does not go into"):
        FORMS[form].decode(FORMS[form].encode(values, layout), layout, torch.empty(3, 2))
