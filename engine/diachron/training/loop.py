"""The training loop: stages of vision and text steps with guards, running mean and exact resume."""

from __future__ import annotations

import dataclasses
import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.data import DataLoader, Dataset

from diachron.model.change_model import ChangeModel
from diachron.model.sequences import TokenBatch
from diachron.training.batches import TextBatches, VisionBatch, VisionBatches
from diachron.training.checkpoint import Place, RunningMean, load_checkpoint, save_checkpoint
from diachron.training.config import StageConfig, TrainingConfig
from diachron.training.curves import Curves, panel
from diachron.training.held import HeldBatch, held_batches, held_loss
from diachron.training.losses import change_loss, class_loss, finite, text_loss
from diachron.training.processes import ALONE, Processes, clip_gradients

SPIKE = 8.0
"""A step whose gradient norm is over this many running medians is skipped."""
SETTLED = 50
"""Steps of a stage after which there is a median to compare with."""

Batches: TypeAlias = tuple[VisionBatch | None, TokenBatch | None]
T = TypeVar("T")


@dataclass(frozen=True)
class StepLosses:
    """What one step measured; None where the step had no such part."""

    change: float | None = None
    classes: float | None = None
    reading: float | None = None
    text: float | None = None
    accuracy: float | None = None
    held: float | None = None


class Trainer:
    """Runs a recipe's stages on one model, alone or with other processes."""

    def __init__(
        self,
        config: TrainingConfig,
        model: ChangeModel,
        vision: VisionBatches,
        text: TextBatches,
        run: Path,
        processes: Processes = ALONE,
    ) -> None:
        self.config, self.model, self.run = config, model.to(memory_format=torch.channels_last), run
        self.vision, self.text, self.processes = vision, text, processes
        self.trained = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.AdamW(_groups(model), betas=(0.9, 0.98), weight_decay=config.weight_decay)
        self.mean = RunningMean(model, config.ema)
        self.place = Place()
        self.norms: deque[float] = deque(maxlen=100)
        self.held = self._held_batches()  # before a checkpoint: as the run begins
        self.seen: tuple[VisionBatch, Tensor] | None = None
        """The last vision batch, and the change logits it got."""
        if (run / "checkpoint" / "place.json").exists():
            self.place = load_checkpoint(run / "checkpoint", model, self.mean, self.optimiser)
        self.curves = Curves(run, self.steps_done) if processes.first else None

    @property
    def steps_done(self) -> int:
        """Steps done through all stages."""
        return sum(stage.steps for stage in self.config.stages[: self.place.stage]) + self.place.step

    def _held_batches(self) -> list[HeldBatch]:
        """Return what the first stage that holds states reads of images; nothing where none does."""
        stage = next((each for each in self.config.stages if each.held_batch), None)
        return list(held_batches(self.model, self.vision, stage, self.config.seed)) if stage else []

    def train(self) -> None:
        """Train what is left of every stage, writing checkpoints, curves and panels."""
        self.model.train()
        if self.config.adapter.still:
            keep_statistics(self.model)
        while self.place.stage < len(self.config.stages):
            stage = self.config.stages[self.place.stage]
            self.norms.clear()  # gradients of another stage's losses have another size
            freeze(self.model, stage, self.trained)
            for batches in self._prefetched(stage):
                self._step(stage, batches)
                if self.place.step % self.config.checkpoint_every == 0 or self.place.step >= stage.steps:
                    self._save()
                if self.place.step % self.config.panels_every == 0 or self.place.step >= stage.steps:
                    self._panel(stage)
            self.place = replace(self.place, stage=self.place.stage + 1, step=0)
        self._save()
        if self.curves is not None:
            self.curves.close()

    def _save(self) -> None:
        folder, first = self.run / "checkpoint", self.processes.first
        save_checkpoint(folder, self.model, self.mean, self.optimiser, self.place, first)

    # -- batches ------------------------------------------------------------------------------

    def _prefetched(self, stage: StageConfig) -> Iterator[list[Batches]]:
        """Yield the batches of the steps that are left, each drawn while the ones before it train."""
        steps = range(self.place.step, stage.steps)
        if self.config.workers:
            yield from _drawn_by_workers(lambda step: self._draw(stage, step), steps, self.config.workers)
            return
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self._draw, stage, steps.start) if steps else None
            for step in steps:
                assert coming is not None
                batches = coming.result()
                if step + 1 < stage.steps:
                    coming = pool.submit(self._draw, stage, step + 1)
                yield batches

    def _draw(self, stage: StageConfig, step: int) -> list[Batches]:
        """Return a step's batches of this process: its own of the first ``count`` parts, of the next, and so on."""
        parts = range(self.processes.rank, stage.accumulate * self.processes.count, self.processes.count)
        return [self._draw_part(stage, step, part) for part in parts]

    def _draw_part(self, stage: StageConfig, step: int, part: int) -> Batches:
        rng = np.random.default_rng([self.config.seed, self.place.stage, step, *([part] if part else [])])
        vision = self.vision.draw(stage.vision_batch, stage.crop_px, rng) if stage.vision_batch else None
        if stage.text_batch and step % stage.text_every == 0:
            return vision, self.text.draw(stage.text_batch, stage.tell_share, rng)
        return vision, None

    # -- a step -------------------------------------------------------------------------------

    def _step(self, stage: StageConfig, batches: Sequence[Batches]) -> None:
        started = time.perf_counter()
        self._set_rates(stage)
        self.optimiser.zero_grad(set_to_none=True)
        norm, losses = self._gradients(stage, batches)
        kept = math.isfinite(norm) and (len(self.norms) < SETTLED or norm < SPIKE * statistics.median(self.norms))
        if math.isfinite(norm):
            self.norms.append(norm)
        if kept:
            self.optimiser.step()
            self.processes.average(each for each in self.model.buffers() if each.is_floating_point())
            self.mean.update(self.model)
        seconds = time.perf_counter() - started
        self.place = replace(
            self.place,
            step=self.place.step + 1,
            skipped=self.place.skipped + (not kept),
            seconds=self.place.seconds + seconds,
        )
        self._report(stage, losses, seconds, kept)

    def _gradients(self, stage: StageConfig, batches: Sequence[Batches]) -> tuple[float, StepLosses]:
        """Return the norm of the step's gradients before they are clipped, NaN where a loss is no number, and what was
        measured.
        """
        measured: list[StepLosses] = []
        for batch in batches:
            loss, losses = self._losses(stage, *_on(self.model.device, batch))
            measured.append(losses)
            if not self.processes.agreed(finite(loss)):
                return math.nan, _mean(measured)
            (loss / len(batches)).backward()
        self.processes.average(weight.grad for weight in self.trained)
        return clip_gradients(self.trained, self.config.clip), _mean(measured)

    def _losses(
        self, stage: StageConfig, vision: VisionBatch | None, text: TokenBatch | None
    ) -> tuple[Tensor, StepLosses]:
        device = self.model.device
        total, losses = torch.zeros((), device=device), StepLosses()
        # Most of a step is convolutions and products: in bfloat16 it takes two thirds to three quarters of the time.
        with (
            torch.autocast(device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"),
            _attention(device),
        ):
            if vision is not None:
                change, classes, reading = self._vision_losses(vision)
                total = total + stage.weight_change * change + stage.weight_classes * classes
                total = total + stage.weight_text * reading
                losses = replace(losses, change=change.item(), classes=classes.item(), reading=reading.item())
            if text is not None:
                wording, right = self._text_loss(text)
                total = total + (stage.weight_text if vision is not None else 1.0) * wording
                losses = replace(losses, text=wording.item(), accuracy=right)
            if stage.held_batch:
                held = held_loss(self.model, self.held[self.place.step % len(self.held)])
                total, losses = total + stage.weight_held * held, replace(losses, held=held.item())
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
        self.seen = batch, logits.change.detach()
        seen = class_loss(allowed, batch.classes, batch.weights)
        return change_loss(logits.change, batch.change), seen, reading

    def _set_rates(self, stage: StageConfig) -> None:
        share = min(1.0, (self.place.step + 1) / max(1, stage.warmup))
        if stage.decay:
            share *= 0.5 * (1 + math.cos(math.pi * self.place.step / stage.steps))
        for group in self.optimiser.param_groups:
            group["lr"] = share * getattr(stage, f"rate_{group['name']}")

    # -- reports ------------------------------------------------------------------------------

    def _report(self, stage: StageConfig, losses: StepLosses, seconds: float, kept: bool) -> None:
        if self.curves is None:
            return
        line = {"stage": stage.name, "step": self.place.step, "seconds": round(seconds, 3), "kept": kept}
        self.curves.step(self.steps_done, {**line, "skipped": self.place.skipped, **asdict(losses)})
        if self.place.step % 20 == 0 or not kept:
            left = (stage.steps - self.place.step) * seconds
            parts = " ".join(f"{name} {value:.3f}" for name, value in asdict(losses).items() if value is not None)
            note = "" if kept else f" SKIPPED (loss or gradient out of range; {self.place.skipped} so far)"
            print(
                f"{stage.name} {self.place.step}/{stage.steps} {parts} {left / 60:.0f} min left{note}",
                file=sys.stderr,
                flush=True,
            )

    def _panel(self, stage: StageConfig) -> None:
        if self.curves is None or self.seen is None:
            return
        batch, logits = self.seen
        picture = panel(batch.images, batch.change, logits.float().sigmoid())
        self.curves.panel(self.steps_done, f"{self.place.stage + 1}-{stage.name}-{self.place.step:05d}", picture)


class _Draws(Dataset[list[Batches]]):
    """The batches of some steps, each drawn when it is asked for."""

    def __init__(self, draw: Callable[[int], list[Batches]], steps: range) -> None:
        self.draw, self.steps = draw, steps

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, number: int) -> list[Batches]:
        return self.draw(self.steps[number])


def _drawn_by_workers(draw: Callable[[int], list[Batches]], steps: range, workers: int) -> Iterator[list[Batches]]:
    """Yield the batches of ``steps`` in their order, drawn by processes that share the samples by forking: what feeds
    a GPU, which takes a batch faster than one process draws it.
    """
    return iter(
        DataLoader(
            _Draws(draw, steps),
            batch_size=None,
            num_workers=workers,
            collate_fn=lambda drawn: drawn,
            multiprocessing_context="fork",
        )
    )


def _attention(device: torch.device) -> AbstractContextManager[None]:
    """Return how attention is computed: on CUDA by plain products, for a fused kernel gave gradients that were no
    numbers where the processor's were, and the sequences are too short for it to matter.
    """
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cuda" else nullcontext()


def _on(device: torch.device, batch: T) -> T:
    """Return a batch (dataclasses and tuples of tensors) on a device."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)  # type: ignore[return-value]
    if isinstance(batch, tuple):
        return tuple(_on(device, each) for each in batch)  # type: ignore[return-value]
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        return replace(batch, **{name: _on(device, value) for name, value in vars(batch).items()})  # type: ignore[type-var]
    return batch


def _mean(measured: Sequence[StepLosses]) -> StepLosses:
    """Return the mean of each part over the batches that had it."""
    parts = {field.name: [getattr(each, field.name) for each in measured] for field in dataclasses.fields(StepLosses)}
    told = {name: [value for value in values if value is not None] for name, values in parts.items()}
    return StepLosses(**{name: statistics.fmean(values) if values else None for name, values in told.items()})


def freeze(model: ChangeModel, stage: StageConfig, trained: Sequence[Tensor]) -> None:
    """Let every one of the ``trained`` weights learn but for the parts that a stage freezes."""
    early: tuple[str, ...] = ("pyramid.body.conv_stem", "pyramid.body.bn1")
    early += tuple(f"pyramid.body.blocks.{block}." for block in range(stage.frozen_blocks))
    starts = {"language": ("model.language_model.", "lm_head."), "pyramid": early}
    still = tuple(start for part in stage.frozen for start in starts[part])
    ours = {id(weight) for weight in trained}
    for name, weight in model.named_parameters():
        weight.requires_grad_(id(weight) in ours and not name.startswith(still))


def keep_statistics(model: nn.Module) -> None:
    """Let batch normalisation use its running statistics and leave them as they are."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def _groups(model: ChangeModel) -> list[dict[str, object]]:
    """Return optimiser groups by module; every trained weight is in exactly one."""
    groups: dict[str, list[Tensor]] = {"pyramid": [], "language": [], "decoder": []}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            part = "pyramid" if name.startswith("pyramid.") else "language" if name.startswith("model.") else "decoder"
            groups[part].append(weight)
    return [{"name": name, "params": weights, "lr": 0.0} for name, weights in groups.items() if weights]
