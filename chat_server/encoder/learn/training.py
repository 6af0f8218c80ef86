"""The training loop: batches of like length, a slow encoder under quick lines, topics and outcomes both counted."""

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import BertWordPieceTokenizer
from torch.nn import functional

from chat_server.encoder.learn.examples import Example
from chat_server.encoder.learn.network import Reader
from chat_server.encoder.learn.variations import Variations
from chat_server.encoder.sentence_encoder import VOCABULARY

MOST_TOKENS = 96


@dataclass(frozen=True)
class Plan:
    """All that decides what is learned, next to the examples."""

    seed: int = 7
    epochs: int = 5
    batch: int = 32
    rate: float = 2e-4
    """Of the highest layer; each layer below learns at `below` of it."""
    below: float = 0.85
    lines_rate: float = 2e-3
    frozen: int = 1
    dropout: float = 0.1
    smoothing: float = 0.1
    outcomes: float = 0.3
    """Weight of the outcome beside the topic."""


class Training:
    """Teaches a Reader the examples."""

    def __init__(self, plan: Plan, examples: Sequence[Example], outcome_of: dict[str, str]) -> None:
        """Nothing is learned yet."""
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.topics = sorted({example.topic for example in examples})
        self._examples = list(examples)
        self._variations = Variations(examples, outcome_of, plan.seed)
        self._random = random.Random(plan.seed)
        self._place = {topic: place for place, topic in enumerate(self.topics)}
        groups = sorted({outcome_of[topic] for topic in self.topics})
        self._grouping = torch.zeros(len(self.topics), len(groups))
        for topic, place in self._place.items():
            self._grouping[place, groups.index(outcome_of[topic])] = 1
        self._tokenizer = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()
        self.reader = Reader(len(self.topics), plan.frozen, plan.dropout)

    def learn(self) -> Iterator[int]:
        """Yields after each epoch."""
        plan = self.plan
        optimiser = torch.optim.AdamW(self._rates(), weight_decay=0.01)
        steps = plan.epochs * math.ceil(len(self._examples) / plan.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [g["lr"] for g in optimiser.param_groups], total_steps=steps, pct_start=0.1)
        began = time.monotonic()
        for epoch in range(1, plan.epochs + 1):
            self.reader.train()
            total = 0.0
            for step, (texts, wanted) in enumerate(self._batches(), start=1):
                loss = self._loss(self.reader(*self.read(texts)), wanted)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                total += loss.item()
                if step % 50 == 0:
                    print(f"  epoch {epoch} of {plan.epochs}: {step * plan.batch} of {len(self._examples)}, loss {total / step:.3f}, {time.monotonic() - began:.0f} s", flush=True)
            yield epoch

    def scores(self, texts: Sequence[str]) -> torch.Tensor:
        """The scores of all topics for each text, in order."""
        self.reader.eval()
        with torch.inference_mode():
            return torch.cat([self.reader(*self.read(texts[i : i + 64])) for i in range(0, len(texts), 64)])

    def read(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Texts as the encoder takes them."""
        pieces = self._tokenizer.encode_batch(list(texts))
        return torch.tensor([p.ids for p in pieces]), torch.tensor([p.attention_mask for p in pieces])

    def _batches(self) -> Iterator[tuple[list[str], torch.Tensor]]:
        varied = [self._variations.of(example) for example in self._examples]
        varied.sort(key=lambda one: len(one[0]) + self._random.uniform(0, 12))
        size = self.plan.batch
        batches = [varied[i : i + size] for i in range(0, len(varied), size)]
        self._random.shuffle(batches)
        for batch in batches:
            wanted = torch.zeros(len(batch), len(self.topics))
            for row, (_, about) in enumerate(batch):
                for topic, share in about.items():
                    wanted[row, self._place[topic]] = share
            yield [text for text, _ in batch], wanted

    def _loss(self, scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        smooth = wanted * (1 - self.plan.smoothing) + self.plan.smoothing / len(self.topics)
        topics = functional.cross_entropy(scores, smooth)
        of_outcome = (functional.softmax(scores, dim=1) @ self._grouping).clamp_min(1e-6).log()
        return topics - self.plan.outcomes * (of_outcome * (wanted @ self._grouping)).sum(1).mean()

    def _rates(self) -> list[dict]:
        layers = self.reader.encoder.encoder.layer
        groups = [{"params": list(self.reader.lines.parameters()), "lr": self.plan.lines_rate}]
        for height, layer in enumerate(reversed(layers)):
            params = [p for p in layer.parameters() if p.requires_grad]
            if params:
                groups.append({"params": params, "lr": self.plan.rate * self.plan.below**height})
        return groups
