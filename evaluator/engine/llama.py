"""The Llama family's forward pass over packed pieces, with few passes over memory.

Weights are those of transformers' own modules, packed for oneDNN, and a test holds
the results to theirs. What differs: one product over the rows of many questions,
attention piece by piece, activation, gate and residual inside the products, and keys
and values of shared blocks kept.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import LlamaForCausalLM, PreTrainedModel

from evaluator.engine.masks import ancestors_only
from evaluator.engine.packing import PackedLinear
from evaluator.engine.pieces import BLOCK, Key, Piece

ROWS = 16  # rows come in multiples of it, so that no kernel sees a ragged end
KEPT_BYTES = 96 << 20  # keys and values of blocks that later questions may share

_STATIC_ROPE = {"default", "linear", "llama3"}
Kept = list[tuple[torch.Tensor, torch.Tensor]]  # keys and values, a pair a layer


def fits(model: PreTrainedModel) -> bool:
    """Whether this module's arithmetic is that of ``model``."""
    if type(model) is not LlamaForCausalLM:
        return False
    config = model.config
    rope = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    return (
        isinstance(model.lm_head, PackedLinear)
        and config.hidden_act == "silu"
        and rope in _STATIC_ROPE
        and config.hidden_size % 4 == 0
        and config.intermediate_size % 4 == 0
    )


@dataclass(frozen=True)
class Span:
    """A piece's rows in a pass, and who sees whom, once per query head of a group."""

    piece: Piece
    first: int
    last: int
    mask: torch.Tensor


@dataclass(frozen=True)
class Pass:
    """What all layers of one forward pass share.

    Args:
        spans: the pieces' rows.
        cos, sin: (rows, 1, width / 2), the rotary angles of the rows' positions.
        new: keys and values of this pass's blocks, filled layer by layer.
    """

    spans: Sequence[Span]
    cos: torch.Tensor
    sin: torch.Tensor
    new: dict[Key, Kept]


class Blocks:
    """Keys and values of blocks, the least recently used dropped over the bound."""

    def __init__(self, bound: int = KEPT_BYTES) -> None:
        self._bound = bound
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def __getitem__(self, key: Key) -> Kept:
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: Key, kept: Kept) -> None:
        """Add a block."""
        self._kept[key] = kept
        self._bytes += _bytes(kept)

    def trim(self) -> None:
        """Drop what is over the bound; between passes only."""
        while self._bytes > self._bound:
            self._bytes -= _bytes(self._kept.popitem(last=False)[1])


def _bytes(kept: Kept) -> int:
    return sum(tensor.nbytes for pair in kept for tensor in pair)


class Llama:
    """A loaded model, run a pack at a time.

    Args:
        model: for which ``fits`` is true; its modules' weights are used in place.
    """

    def __init__(self, model: LlamaForCausalLM) -> None:
        config: Any = model.config
        self._model: Any = model.model
        self._head: Any = model.lm_head
        self._heads = int(config.num_attention_heads)
        self._groups = int(config.num_key_value_heads)
        self._width = int(model.model.layers[0].self_attn.head_dim)
        self._cos = torch.empty(0, self._width // 2)
        self._sin = self._cos
        self.blocks = Blocks()

    def states(self, pieces: Sequence[Piece]) -> torch.Tensor:
        """The last layer's normed states of the pieces, one after another.

        Args:
            pieces: every block in a ``past`` is kept already or stands before it.

        Returns:
            (rows, hidden); rows beyond the pieces' are filling.
        """
        spans = self._spans(pieces)
        filling = -spans[-1].last % ROWS
        tokens = [token for piece in pieces for token in piece.tokens]
        depths = [depth for piece in pieces for depth in piece.depths]
        states = self._model.embed_tokens(torch.tensor(tokens + [0] * filling))
        cos, sin = self._turns(torch.tensor(depths + [0] * filling))
        new: dict[Key, Kept] = {piece.key: [] for piece in pieces if piece.key}
        run = Pass(spans, cos, sin, new)
        for number, layer in enumerate(self._model.layers):
            states = self._layer(layer, number, states, run)
        for key, kept in new.items():
            self.blocks.keep(key, kept)
        return _norm(self._model.norm, states)

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """(rows, hidden) to (rows, vocabulary)."""
        scores: torch.Tensor = self._head(states)
        return scores

    def _spans(self, pieces: Sequence[Piece]) -> list[Span]:
        spans, first = [], 0
        for piece in pieces:
            last = first + len(piece.tokens)
            own = ancestors_only(piece.parents)
            past = own.new_zeros(len(own), BLOCK * len(piece.past))
            mask = torch.cat([past, own], 1).repeat(self._heads // self._groups, 1)
            spans.append(Span(piece, first, last, mask))
            first = last
        return spans

    def _turns(self, depths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosines and sines (rows, 1, width / 2) of the positions."""
        while len(self._cos) <= int(depths.max()):
            self._lengthen_tables()
        return self._cos[depths][:, None], self._sin[depths][:, None]

    def _lengthen_tables(self) -> None:
        """By 1,024 positions: a table's bits must not depend on how long it is."""
        start = len(self._cos)
        positions = torch.arange(start, start + 1024)[None]
        tables = self._model.rotary_emb(torch.empty(0), positions)
        half = self._width // 2
        self._cos, self._sin = (
            torch.cat([old, new[0, :, :half]])
            for old, new in zip((self._cos, self._sin), tables, strict=True)
        )

    def _layer(
        self, layer: Any, number: int, states: torch.Tensor, run: Pass
    ) -> torch.Tensor:
        mlp = layer.mlp
        mixed = self._attention(layer, number, states, run)
        states = layer.self_attn.o_proj.plus(mixed, states)
        normed = _norm(layer.post_attention_layernorm, states)
        gated = mlp.up_proj.times(normed, mlp.gate_proj.silu(normed))
        after: torch.Tensor = mlp.down_proj.plus(gated, states)
        return after

    def _attention(
        self, layer: Any, number: int, states: torch.Tensor, run: Pass
    ) -> torch.Tensor:
        """(rows, heads x width), each piece over its past and itself."""
        attention = layer.self_attn
        normed = _norm(layer.input_layernorm, states)
        queries = self._turned(attention.q_proj(normed), run)
        keys = self._turned(attention.k_proj(normed), run)
        values = attention.v_proj(normed).view(len(states), -1, self._width)
        mixed = torch.zeros(len(states), self._heads * self._width)
        for span in run.spans:
            rows = slice(span.first, span.last)
            own = (_by_head(keys[rows]), _by_head(values[rows]))
            if span.piece.key is not None:
                run.new[span.piece.key].append(own)
            past = [self._block(key, run)[number] for key in span.piece.past]
            mixed[rows] = self._attend(queries[rows], [*past, own], span.mask)
        return mixed

    def _block(self, key: Key, run: Pass) -> Kept:
        return run.new[key] if key in run.new else self.blocks[key]

    def _turned(self, rows: torch.Tensor, run: Pass) -> torch.Tensor:
        """Rotary positions, in place: (rows, heads x width) to (rows, heads, width)."""
        heads = rows.view(len(rows), -1, self._width)
        left, right = heads.chunk(2, dim=-1)
        crossed = left * run.sin
        left.mul_(run.cos).addcmul_(right, run.sin, value=-1)
        right.mul_(run.cos).add_(crossed)
        return heads

    def _attend(
        self, queries: torch.Tensor, pairs: Kept, mask: torch.Tensor
    ) -> torch.Tensor:
        """(rows, heads, width) over the pairs' keys to (rows, heads x width).

        The query heads that share a head of keys stand as further rows of it.
        """
        rows = len(queries)
        grouped = _by_head(queries).view(self._groups, -1, self._width)
        keys, values = (torch.cat(parts, 1) for parts in zip(*pairs, strict=True))
        mixed = scaled_dot_product_attention(
            grouped[None], keys[None], values[None], attn_mask=mask[None, None]
        )
        return mixed.view(self._heads, rows, self._width).transpose(0, 1).flatten(1)


def _by_head(rows: torch.Tensor) -> torch.Tensor:
    """(rows, heads, width) to a fresh (heads, rows, width)."""
    return rows.transpose(0, 1).contiguous()


def _norm(module: Any, states: torch.Tensor) -> torch.Tensor:
    """Root-mean-square norm of each row."""
    squares = (states * states).mean(-1, keepdim=True)
    scale = squares.add_(module.variance_epsilon).rsqrt_()
    return (states * scale).mul_(module.weight)
