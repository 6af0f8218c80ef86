"""Write what was learned as int8 ONNX with its card, both at once or neither."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from chat_server.encoder.learn.network import Reader


class _Hidden(nn.Module):
    """What ONNX is to compute: a vector for each word piece."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.encoder = reader.encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def export(reader: Reader, weights: Path) -> str:
    """Write the weights, and answer with their hash."""
    logging.getLogger("onnxruntime").setLevel(logging.ERROR)
    reader.eval()
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "full.onnx", Path(folder) / "small.onnx"
        ids = torch.arange(1000, 1024).reshape(2, 12)
        size = {0: torch.export.Dim("texts"), 1: torch.export.Dim("pieces")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Hidden(reader), (ids, torch.ones_like(ids)), str(full), input_names=["input_ids", "attention_mask"], output_names=["hidden"],
                dynamic_shapes=(size, size), dynamo=True, verbose=False, external_data=False,
            )  # fmt: skip
        quantize_dynamic(str(full), str(small), weight_type=QuantType.QInt8, per_channel=True)
        digest = hashlib.sha256(small.read_bytes()).hexdigest()
        _into_place(small, weights)
    return digest


def write_card(card: Mapping[str, Any], path: Path) -> None:
    """The card beside the weights: how they were made, and what they must hash to."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, path)


def _into_place(made: Path, wanted: Path) -> None:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    part = wanted.with_suffix(".part")
    shutil.copyfile(made, part)
    os.replace(part, wanted)
