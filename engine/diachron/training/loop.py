"""The training loop: stages of vision and text steps with guards, running mean and exact resume."""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diachron.model.change_model import ChangeModel
from diachron.model.sequences import TokenBatch
from diachron.training.batches import TextBatches, VisionBatch, VisionBatches
from diachron.training.checkpoint import Place, RunningMean, load_checkpoint, save_checkpoint
from diachron.training.config import StageConfig, TrainingConfig
from diachron.training.losses import change_loss, class_loss, finite, text_loss

SPIKE = 8.0
"""A step whose gradient norm is over this many running medians is skipped."""


@dataclass(frozen=True)
class StepLosses:
    """What one step measured; None where the step had no such part."""

    change: float | None = None
    classes: float | None = None
    reading: float | None = None
    text: float | None = None
    accuracy: float | None = None


class Trainer:
    """Runs a recipe's stages on one model."""

    def __init__(
        self, config: TrainingConfig, model: ChangeModel, vision: VisionBatches, text: TextBatches, run: Path
    ) -> None:
        self.config, self.model, self.run = config, model.to(memory_format=torch.channels_last), run
        self.vision, self.text = vision, text
        self.optimiser = torch.optim.AdamW(_groups(model), betas=(0.9, 0.98), weight_decay=config.weight_decay)
        self.mean = RunningMean(model, config.ema)
        self.place = Place()
        self.norms: deque[float] = deque(maxlen=100)
        if (run / "checkpoint" / "place.json").exists():
            self.place = load_checkpoint(run / "checkpoint", model, self.mean, self.optimiser)

    def train(self) -> None:
        """Train what is left of every stage, writing checkpoints and ``curve.jsonl``."""
        self.model.train()
        while self.place.stage < len(self.config.stages):
            stage = self.config.stages[self.place.stage]
            self.norms.clear()  # gradients of another stage's losses have another size
            freeze(self.model, stage)
            for batches in self._prefetched(stage):
                self._step(stage, *batches)
                if self.place.step % self.config.checkpoint_every == 0 or self.place.step >= stage.steps:
                    save_checkpoint(self.run / "checkpoint", self.model, self.mean, self.optimiser, self.place)
            self.place = replace(self.place, stage=self.place.stage + 1, step=0)
        save_checkpoint(self.run / "checkpoint", self.model, self.mean, self.optimiser, self.place)

    def _prefetched(self, stage: StageConfig) -> Iterator[tuple[VisionBatch | None, TokenBatch | None]]:
        """Yield the batches of the steps that are left, each drawn while the one before it trains."""
        with ThreadPoolExecutor(1) as pool:
            steps = range(self.place.step, stage.steps)
            coming = pool.submit(self._draw, stage, steps.start) if steps else None
            for step in steps:
                assert coming is not None
                batches = coming.result()
                if step + 1 < stage.steps:
                    coming = pool.submit(self._draw, stage, step + 1)
                yield batches

    def _draw(self, stage: StageConfig, step: int) -> tuple[VisionBatch | None, TokenBatch | None]:
        rng = np.random.default_rng([self.config.seed, self.place.stage, step])
        vision = self.vision.draw(stage, rng) if stage.vision_batch else None
        text = self.text.draw(stage.text_batch, rng) if stage.text_batch and step % stage.text_every == 0 else None
        return vision, text

    def _step(self, stage: StageConfig, vision: VisionBatch | None, text: TokenBatch | None) -> None:
        started = time.perf_counter()
        self._set_rates(stage)
        self.optimiser.zero_grad(set_to_none=True)
        loss, losses = self._losses(stage, vision, text)
        kept = finite(loss)
        if kept:
            loss.backward()
            norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip))
            kept = math.isfinite(norm) and (len(self.norms) < 50 or norm < SPIKE * statistics.median(self.norms))
            self.norms.append(norm if math.isfinite(norm) else 0.0)
        if kept:
            self.optimiser.step()
            self.mean.update(self.model)
        seconds = time.perf_counter() - started
        self.place = replace(
            self.place,
            step=self.place.step + 1,
            skipped=self.place.skipped + (not kept),
            seconds=self.place.seconds + seconds,
        )
        self._report(stage, losses, seconds, kept)

    def _losses(
        self, stage: StageConfig, vision: VisionBatch | None, text: TokenBatch | None
    ) -> tuple[Tensor, StepLosses]:
        total, losses = torch.zeros(()), StepLosses()
        # Most of a step is convolutions and products: in bfloat16 it takes two thirds to three quarters of the time.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.precision == "bfloat16"):
            if vision is not None:
                change, classes, reading = self._vision_losses(vision)
                total = total + stage.weight_change * change + stage.weight_classes * classes
                total = total + stage.weight_text * reading
                losses = replace(losses, change=change.item(), classes=classes.item(), reading=reading.item())
            if text is not None:
                wording, right = self._text_loss(text)
                total = total + (stage.weight_text if vision is not None else 1.0) * wording
                losses = replace(losses, text=wording.item(), accuracy=right)
        return total, losses

    def _text_loss(self, text: TokenBatch) -> tuple[Tensor, float]:
        """Return the loss of the taught tokens, and the share of them that would be written right."""
        states = self.model.states(text.ids, text.present)
        taught = text.taught[:, 1:]
        truth = text.ids[:, 1:][taught]
        logits = self.model.lm_head(states[:, :-1][taught])
        return text_loss(logits, truth), (logits.argmax(-1) == truth).float().mean().item()

    def _vision_losses(self, batch: VisionBatch) -> tuple[Tensor, Tensor, Tensor]:
        model, tokens = self.model, batch.tokens
        sight = model.see(batch.images)
        states = model.states(tokens.ids, tokens.present, sight)
        classes = model.class_embeddings(batch.phrases.ids, batch.phrases.present)
        logits = model.look(sight, states, tokens.ids, tokens.present, classes)
        allowed = logits.classes.masked_fill(batch.forbidden[:, None, :, None, None], -1e4)
        taught = tokens.taught[:, 1:]
        reading = text_loss(model.lm_head(states[:, :-1][taught]), tokens.ids[:, 1:][taught])
        return change_loss(logits.change, batch.change), class_loss(allowed, batch.classes), reading

    def _set_rates(self, stage: StageConfig) -> None:
        share = min(1.0, (self.place.step + 1) / max(1, stage.warmup))
        if stage.decay:
            share *= 0.5 * (1 + math.cos(math.pi * self.place.step / stage.steps))
        for group in self.optimiser.param_groups:
            group["lr"] = share * getattr(stage, f"rate_{group['name']}")

    def _report(self, stage: StageConfig, losses: StepLosses, seconds: float, kept: bool) -> None:
        line = {
            "stage": stage.name,
            "step": self.place.step,
            "seconds": round(seconds, 3),
            "kept": kept,
            **asdict(losses),
        }
        with (self.run / "curve.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self.place.step % 20 == 0 or not kept:
            left = (stage.steps - self.place.step) * seconds
            parts = " ".join(f"{name} {value:.3f}" for name, value in asdict(losses).items() if value is not None)
            note = "" if kept else " SKIPPED (loss or gradient out of range)"
            print(
                f"{stage.name} {self.place.step}/{stage.steps} {parts} {left / 60:.0f} min left{note}",
                file=sys.stderr,
                flush=True,
            )


def freeze(model: ChangeModel, stage: StageConfig) -> None:
    """Let every weight be trained but for the parts that a stage freezes."""
    early = ("pyramid.body.conv_stem", "pyramid.body.bn1")
    early += tuple(f"pyramid.body.blocks.{block}." for block in range(stage.frozen_blocks))
    starts = {"language": ("model.language_model.", "lm_head."), "pyramid": early}
    still = tuple(start for part in stage.frozen for start in starts[part])
    for name, weight in model.named_parameters():
        weight.requires_grad_(not name.startswith(still))


def _groups(model: ChangeModel) -> list[dict[str, object]]:
    """Return optimiser groups by module; every trained weight is in exactly one."""
    groups: dict[str, list[Tensor]] = {"pyramid": [], "language": [], "decoder": []}
    for name, weight in model.named_parameters():
        part = "pyramid" if name.startswith("pyramid.") else "language" if name.startswith("model.") else "decoder"
        groups[part].append(weight)
    return [{"name": name, "params": weights, "lr": 0.0} for name, weights in groups.items()]
