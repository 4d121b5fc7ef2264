"""How full and how busy a GPU is, as its driver says."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLoad:
    """`busy_share` is the share of the last moments, a second at most, in which the device computed."""

    used_bytes: int
    total_bytes: int
    busy_share: float


def look_at_device(device: torch.device) -> DeviceLoad | None:
    """Through NVML (package `nvidia-ml-py`); None for another device, or where either is absent."""
    if device.type != "cuda":
        return None
    uuid = str(torch.cuda.get_device_properties(device).uuid)
    return look_at_gpu(uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")


def look_at_gpu(uuid: str) -> DeviceLoad | None:
    """The same for the GPU of this name, which stays the same however devices are numbered."""
    try:
        nvml = import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
        handle = nvml.nvmlDeviceGetHandleByUUID(uuid)
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        rates = nvml.nvmlDeviceGetUtilizationRates(handle)
    except nvml.NVMLError:
        return None
    return DeviceLoad(used_bytes=int(memory.used), total_bytes=int(memory.total), busy_share=rates.gpu / 100)
