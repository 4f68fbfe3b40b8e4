"""What the model has seen of a pair, kept by content for the next question: in memory, then on disk, up to a limit.

Images stand before the question in the model's context, so that all that follows from them alone serves every question.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import DynamicCache

from diachron.model.change_model import Sight

MEMORY_BYTES = 512 << 20
DISK_BYTES = 4 << 30
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Seen:
    """Pairs as the model sees them before any question: their sight, the language states of the image tokens [B, L, C]
    and what attention keeps of them, a key and a value [B, heads, L, c] for each layer.
    """

    sight: Sight
    states: Tensor
    kept: tuple[tuple[Tensor, Tensor], ...]

    def cache(self) -> DynamicCache:
        """Return the language model's cache after the images; what it goes on to read does not enter this."""
        return DynamicCache(ddp_cache_data=[(key, value) for key, value in self.kept])

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        return sum(each.nbytes for each in self.tensors().values())

    def tensors(self) -> dict[str, Tensor]:
        """Return every tensor by name."""
        sight = {"vision": self.sight.vision, "tokens": self.sight.tokens, "states": self.states}
        levels = {f"level_{number}": level for number, level in enumerate(self.sight.pyramid)}
        layers = {f"{name}_{number}": each for number, pair in enumerate(self.kept) for name, each in zip("kv", pair)}
        return sight | levels | layers

    @classmethod
    def of_tensors(cls, tensors: dict[str, Tensor]) -> Seen:
        """Return what `tensors` took apart."""
        levels = [tensors[name] for name in _numbered("level", tensors)]
        keys, values = (_numbered(name, tensors) for name in "kv")
        sight = Sight(levels, tensors["vision"], tensors["tokens"])
        return cls(sight, tensors["states"], tuple((tensors[k], tensors[v]) for k, v in zip(keys, values, strict=True)))


def _numbered(name: str, tensors: dict[str, Tensor]) -> list[str]:
    count = sum(each.startswith(f"{name}_") for each in tensors)
    return [f"{name}_{number}" for number in range(count)]


@dataclass
class SightMemory:
    """Keeps what was seen, the latest used first; the oldest goes to disk, and from there away.

    What the present question has used is not put away for more of the same: of an area that is larger than the limits,
    the first part is kept, rather than all of it written and nothing found again. Threads may look side by side.

    Parameters
    ----------
    identity: names the weights that saw it. folder: for what memory does not hold, None for nowhere.
    """

    identity: str
    folder: Path | None = None
    memory_bytes: int = MEMORY_BYTES
    disk_bytes: int = DISK_BYTES
    hits: int = 0
    _kept: OrderedDict[str, Seen] = field(default_factory=OrderedDict)
    _used: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self) -> None:
        """Say that another question begins."""
        self._used.clear()

    def key(self, pairs: Tensor) -> str:
        """Return the name of uint8 pairs by their content and the weights."""
        digest = hashlib.blake2b(f"{self.identity} {tuple(pairs.shape)}".encode(), digest_size=20)
        digest.update(pairs.cpu().contiguous().numpy().data)
        return digest.hexdigest()

    def find(self, key: str, device: torch.device) -> Seen | None:
        """Return what is kept under a name, None where nothing is."""
        with self._lock:
            seen = self._kept.get(key) or self._read(key, device)
            if seen is not None:
                self.hits += 1
                self._used.add(key)
                if key in self._kept:
                    self._kept.move_to_end(key)
            return seen

    def keep(self, key: str, seen: Seen) -> None:
        """Keep what was seen, where there is room or what is older can make room."""
        with self._lock:
            self._used.add(key)
            held = sum(each.size_bytes for each in self._kept.values())
            while held + seen.size_bytes > self.memory_bytes:
                oldest = next((each for each in self._kept if each not in self._used), None)
                if oldest is None:
                    self._write(key, seen)
                    return
                old = self._kept.pop(oldest)
                held -= old.size_bytes
                self._write(oldest, old)
            self._kept[key] = seen

    # -- disk ---------------------------------------------------------------------------------

    def _read(self, key: str, device: torch.device) -> Seen | None:
        if self.folder is None or not (path := self.folder / (key + SUFFIX)).is_file():
            return None
        try:
            os.utime(path)
            return Seen.of_tensors(load_file(path, device=str(device)))
        except (OSError, SafetensorError, KeyError):
            # A file that was cut short, or put away meanwhile, is as good as none.
            path.unlink(missing_ok=True)
            return None

    def _write(self, key: str, seen: Seen) -> None:
        """Write what leaves the memory; a full or closed disk costs nothing but the time of the next question."""
        if self.folder is None or not self._make_room(seen.size_bytes):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as draft:
                pass
            save_file({name: each.cpu().contiguous() for name, each in seen.tensors().items()}, draft.name)
            os.replace(draft.name, self.folder / (key + SUFFIX))
        except (OSError, SafetensorError):
            self.folder = None

    def _make_room(self, wanted_bytes: int) -> bool:
        """Delete the longest unused files until so much more fits; False where what is left is in use."""
        assert self.folder is not None
        files = sorted((each.stat().st_mtime_ns, each.stat().st_size, each) for each in self.folder.glob(f"*{SUFFIX}"))
        held = sum(size for _, size, _ in files)
        for _, size, path in files:
            if held + wanted_bytes <= self.disk_bytes:
                break
            if path.stem not in self._used:
                path.unlink(missing_ok=True)
                held -= size
        return held + wanted_bytes <= self.disk_bytes


def cache_folder() -> Path:
    """Return where what was seen is kept on disk: in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(base) / "diachron" / "sights"
