"""The slots of the device tier as tensors, and the live buffer that is assembled from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from kvcache.restore import assemble
from kvcache.tiers import TierError, TierFull
from kvcache.tiers.device import DeviceTier
from tests.fakes.tiers import make_key

SHAPE = (3, 2, 2, 16, 8)
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tier(device: str) -> Iterator[DeviceTier]:
    opened = DeviceTier(SHAPE, torch.bfloat16, 4, device)
    yield opened
    opened.close()


def values(number: int, device: str = "cpu") -> torch.Tensor:
    made = torch.randn(SHAPE, generator=torch.Generator().manual_seed(number))
    return made.to(torch.bfloat16).to(device)


def test_a_written_slot_is_read_in_place(tier: DeviceTier, device: str) -> None:
    tier.write(make_key(1), b"abcd", 3, values(1, device))
    seen = tier.view(make_key(1))
    assert seen is not None
    assert seen.device.type == device
    assert torch.equal(seen.cpu(), values(1))
    seen.zero_()
    again = tier.view(make_key(1))
    assert again is not None
    assert not again.any()
    assert tier.view(make_key(2)) is None


def test_strided_values_from_another_device_are_written_as_they_are(tier: DeviceTier) -> None:
    live = torch.randn(3, 2, 2, 40, 8).to(torch.bfloat16)
    part = live[:, :, :, 7:23, :]
    assert not part.is_contiguous()
    tier.write(make_key(1), b"", 0, part)
    seen = tier.view(make_key(1))
    assert seen is not None
    assert torch.equal(seen.cpu(), part)


def test_the_record_of_a_slot_is_its_bytes_and_fills_another_slot(tier: DeviceTier, device: str) -> None:
    tier.write(make_key(1), b"abcd", 3, values(1, device))
    record = tier.get(make_key(1))
    assert record is not None
    assert (record.tokens, record.position, record.form) == (b"abcd", 3, "raw")
    assert record.payload == values(1).view(torch.uint8).numpy().tobytes()
    other = DeviceTier(SHAPE, torch.bfloat16, 1, device)
    other.put(record)
    seen = other.view(make_key(1))
    assert seen is not None
    assert torch.equal(seen.cpu(), values(1))


def test_a_discarded_slot_is_used_again_and_no_slot_twice(tier: DeviceTier, device: str) -> None:
    for number in range(4):
        tier.write(make_key(number), b"", number, values(number, device))
    with pytest.raises(TierFull):
        tier.write(make_key(9), b"", 0, values(9, device))
    tier.discard(make_key(2))
    tier.write(make_key(9), b"", 0, values(9, device))
    tier.write(make_key(9), b"", 0, values(9, device))
    for number in (0, 1, 3, 9):
        seen = tier.view(make_key(number))
        assert seen is not None
        assert torch.equal(seen.cpu(), values(number))


@pytest.mark.parametrize("wrong", [torch.zeros(SHAPE), torch.zeros(3, 2, 2, 16, 4, dtype=torch.bfloat16)])
def test_values_of_another_shape_or_dtype_are_refused(tier: DeviceTier, wrong: torch.Tensor) -> None:
    with pytest.raises(TierError, match="the slots are"):
        tier.write(make_key(1), b"", 0, wrong)
    assert not tier.holds(make_key(1))


def test_slots_made_in_inference_mode_take_values_outside_of_it_and_leave_no_graph() -> None:
    with torch.inference_mode():
        tier = DeviceTier((4,), torch.float32, 2)
        tier.write(make_key(1), b"", 0, torch.ones(4))
    tier.write(make_key(2), b"", 0, torch.ones(4, requires_grad=True))
    seen = tier.view(make_key(2))
    assert seen is not None
    assert not seen.requires_grad


def test_a_device_without_room_is_said() -> None:
    with pytest.raises(TierError, match="has no room"):
        DeviceTier((1 << 40,), torch.float32, 1 << 20)


def test_blocks_are_assembled_in_order(device: str) -> None:
    out = torch.full((3, 2, 2, 60, 8), -1.0, dtype=torch.bfloat16, device=device)
    assert assemble([values(number, device) for number in range(3)], out) == 48
    joined = np.concatenate([values(number).float().numpy() for number in range(3)], axis=3)
    assert np.array_equal(out[..., :48, :].float().cpu().numpy(), joined)
    assert (out[..., 48:, :] == -1).all()
    assert assemble([], out) == 0


def test_blocks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        assemble([torch.zeros(SHAPE), torch.zeros(SHAPE)], torch.zeros(3, 2, 2, 20, 8))


def test_other_numbers_of_slots_move_blocks_and_leave_views_as_they_were(device: str) -> None:
    slot_bytes = values(0).nbytes
    tier = DeviceTier(SHAPE, torch.bfloat16, 10, device, sheet_bytes=3 * slot_bytes)
    for number in range(10):
        tier.write(make_key(number), b"", number, values(number, device))
    views = {number: tier.view(make_key(number)) for number in range(10)}
    for number in range(5):
        tier.discard(make_key(number))
    for num_slots in (5, 17, 7, 5):
        tier.resize(num_slots * slot_bytes)
        assert tier.snapshot().capacity_bytes == num_slots * slot_bytes
        for number in range(5, 10):
            seen, held = tier.view(make_key(number)), views[number]
            assert seen is not None
            assert held is not None
            assert torch.equal(seen.cpu(), values(number))
            assert torch.equal(held.cpu(), values(number))
    with pytest.raises(TierFull):
        tier.write(make_key(0), b"", 0, values(0, device))
    with pytest.raises(TierFull):
        tier.resize(4 * slot_bytes)
