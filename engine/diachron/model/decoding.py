"""The language model's next-token logits, step by step: with a cache that grows, or with one of fixed length.

With a fixed length every step is the same work on the same memory, so that a GPU can be given it as one CUDA graph: a
step is hundreds of small kernels, which take longer to launch than to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn
from transformers.models.qwen2.modeling_qwen2 import apply_rotary_pos_emb

if TYPE_CHECKING:
    from diachron.model.change_model import ChangeModel

STEP = 256
"""Fixed lengths are multiples of it, so that few serve all."""


class Decoding(Protocol):
    """What writes a text: logits [V] of the token after all that was read so far."""

    def begin(self, embedded: Tensor) -> Tensor:
        """Forget what was read before, read a prompt's embeddings [1, L, C], and return logits [V]."""

    def follow(self, token: int) -> Tensor:
        """Read one more token and return logits [V]."""


class GrowingDecoding:
    """Decoding with the library's own cache, as long as it needs to be."""

    def __init__(self, model: ChangeModel) -> None:
        self.model = model
        self._cache: Any = None

    def begin(self, embedded: Tensor) -> Tensor:
        """See `Decoding.begin`."""
        self._cache = None
        return self._read(embedded)

    def follow(self, token: int) -> Tensor:
        """See `Decoding.follow`."""
        return self._read(self.model.get_input_embeddings()(torch.tensor([[token]], device=self.model.device)))

    def _read(self, embedded: Tensor) -> Tensor:
        output = self.model.model.language_model(inputs_embeds=embedded, past_key_values=self._cache, use_cache=True)
        self._cache = output.past_key_values
        return self.model.lm_head(output.last_hidden_state[:, -1])[0]


class StaticDecoding:
    """Decoding with a cache of fixed length; on a GPU a step is one CUDA graph.

    Parameters
    ----------
    length: most tokens, prompt and text together. compiled: let torch.compile fuse a layer's step, which takes seconds
    once and needs Triton on a GPU; all layers share what is compiled.
    """

    def __init__(self, model: ChangeModel, length: int, *, compiled: bool = False) -> None:
        self.model, self.length = model, length
        language = model.model.language_model
        config, device = language.config, model.device
        self._layers: list[nn.Module] = list(language.layers)
        heads, size = config.num_key_value_heads, self._layers[0].self_attn.head_dim
        shape = (len(self._layers), heads, length, size)
        self.keys, self.values = (torch.zeros(shape, dtype=model.dtype, device=device) for _ in range(2))
        self.token, self.place = (torch.zeros(1, dtype=torch.long, device=device) for _ in range(2))
        self.logits = torch.zeros(config.vocab_size, dtype=model.dtype, device=device)
        self._places = torch.arange(length, device=device)
        self._read = 0
        self._layer = torch.compile(_fused_layer_step, dynamic=False) if compiled else _layer_step
        self._head = torch.compile(_fused_head, dynamic=False) if compiled else _head
        self._graph = self._captured() if device.type == "cuda" else None

    def begin(self, embedded: Tensor) -> Tensor:
        """See `Decoding.begin`.

        Raises
        ------
        ValueError: the prompt is longer than the cache.
        """
        self._read = embedded.shape[1]
        if self._read > self.length:
            raise ValueError(f"a prompt of {self._read} tokens in a cache of {self.length}")
        output = self.model.model.language_model(inputs_embeds=embedded, use_cache=True)
        for number, layer in enumerate(output.past_key_values.layers):
            self.keys[number, :, : self._read] = layer.keys[0]
            self.values[number, :, : self._read] = layer.values[0]
        self.place.fill_(self._read)
        self.logits.copy_(self.model.lm_head(output.last_hidden_state[:, -1])[0])
        return self.logits

    def follow(self, token: int) -> Tensor:
        """See `Decoding.follow`; the logits are overwritten by the next step.

        Raises
        ------
        ValueError: the cache is full.
        """
        self.token.fill_(token)
        return self.step()

    def step(self) -> Tensor:
        """Read the token in ``token`` and return logits [V]."""
        if self._read >= self.length:
            raise ValueError(f"the cache of {self.length} tokens is full")
        self._read += 1
        if self._graph is None:
            self._step()
        else:
            self._graph.replay()
        return self.logits

    def _captured(self) -> torch.cuda.CUDAGraph:
        """Return a step as a CUDA graph; it is run before, as libraries allocate at their first use."""
        with torch.inference_mode():
            self._step()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side), torch.inference_mode():
            self._step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.inference_mode(), torch.cuda.graph(graph):
            self._step()
        return graph

    def _step(self) -> None:
        language = self.model.model.language_model
        x = self.model.get_input_embeddings()(self.token)
        cos, sin = language.rotary_emb(x, self.place[None])
        seen = self._places <= self.place
        for layer, keys, values in zip(self._layers, self.keys, self.values, strict=True):
            x = self._layer(layer, x, (keys, values), self.place, (cos, sin), seen)
        self.logits.copy_(self._head(language.norm, self.model.lm_head, x)[0])
        self.place += 1


Pair = tuple[Tensor, Tensor]


def _layer_step(layer: Any, x: Tensor, cache: Pair, place: Tensor, turn: Pair, seen: Tensor) -> Tensor:
    """Take one token's state [1, C] through a layer, whose keys and values [heads, L, c] get one more at ``place``."""
    own, (keys, values) = layer.self_attn, cache
    normed = layer.input_layernorm(x)
    query, key, value = (
        project(normed).view(1, 1, -1, own.head_dim).transpose(1, 2) for project in (own.q_proj, own.k_proj, own.v_proj)
    )
    query, key = apply_rotary_pos_emb(query, key, *turn)
    keys.index_copy_(1, place, key[0])
    values.index_copy_(1, place, value[0])
    grouped = query.view(len(keys), -1, own.head_dim)
    scores = (grouped @ keys.transpose(1, 2)).float() * own.scaling
    shares = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1).to(values.dtype)
    x = x + own.o_proj((shares @ values).view(1, -1))
    return x + layer.mlp(layer.post_attention_layernorm(x))


def _head(norm: nn.Module, head: nn.Module, x: Tensor) -> Tensor:
    return head(norm(x))


# -- the same for a compiler ------------------------------------------------------------------
# A product with one row is bound by reading its weights. Written as a sum it becomes a kernel of the compiler's own,
# with what stands before and after it in the same kernel.


def _product(linear: Any, x: Tensor) -> Tensor:
    """Return a linear layer's output [1, D] of one row [1, C], as a sum in float32."""
    if type(linear) is not nn.Linear:
        return linear(x)
    product = (linear.weight.float() * x.float()).sum(dim=-1)
    return (product if linear.bias is None else product + linear.bias.float()).to(x.dtype)[None]


def _fused_layer_step(layer: Any, x: Tensor, cache: Pair, place: Tensor, turn: Pair, seen: Tensor) -> Tensor:
    own, mlp, (keys, values) = layer.self_attn, layer.mlp, cache
    normed = layer.input_layernorm(x)
    query, key, value = (
        _product(project, normed).view(1, 1, -1, own.head_dim).transpose(1, 2)
        for project in (own.q_proj, own.k_proj, own.v_proj)
    )
    query, key = apply_rotary_pos_emb(query, key, *turn)
    keys.index_copy_(1, place, key[0])
    values.index_copy_(1, place, value[0])
    x = x + _product(own.o_proj, _attended(query, keys, values, seen, own.scaling))
    normed = layer.post_attention_layernorm(x)
    return x + _product(mlp.down_proj, mlp.act_fn(_product(mlp.gate_proj, normed)) * _product(mlp.up_proj, normed))


def _attended(query: Tensor, keys: Tensor, values: Tensor, seen: Tensor, scaling: float) -> Tensor:
    """Attend: one query [1, heads, 1, c] to keys and values [key heads, L, c] -> [1, heads * c]."""
    grouped = query.view(len(keys), -1, 1, query.shape[-1]).float()
    scores = (grouped * keys[:, None].float()).sum(dim=-1) * scaling
    shares = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)
    return (shares[..., None] * values[:, None].float()).sum(dim=-2).to(values.dtype).view(1, -1)


def _fused_head(norm: nn.Module, head: nn.Module, x: Tensor) -> Tensor:
    return _product(head, norm(x))


def fixed_length(needed: int) -> int:
    """Return the fixed length that holds so many tokens."""
    return -(-needed // STEP) * STEP
