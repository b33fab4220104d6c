"""What people do to weights, done to two real models: pairs of known kinship."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertForSequenceClassification, LlamaForCausalLM

Weights = dict[str, torch.Tensor]
TRAIN = Path("examples/intent_routing/data/train.jsonl")
TOKENS = 24


@dataclass(frozen=True)
class Pair:
    """A child beside a model that it may descend from, and what it declares."""

    kind: str
    child: Weights
    known: Weights
    related: bool
    declared: tuple[Weights, ...] = field(default=())


class Shop:
    """Two base models and some that were made from them, on one thread.

    Args:
        cache: the folder that ``examples.base_models.prepare`` fills.
        steps: of training for each fine-tune.
        large: whether to work on the larger model too.
    """

    def __init__(self, cache: Path, *, steps: int, large: bool) -> None:
        torch.set_num_threads(1)
        self.folder = cache / "minilm-l6-banking77"
        self.steps = steps
        self.small = load_file(self.folder / "model.safetensors")
        self.large = (
            load_file(cache / "smollm2-135m-instruct" / "model.safetensors")
            if large
            else None
        )
        self.large_folder = cache / "smollm2-135m-instruct"
        self.rows = _read(self.folder)
        self.tunes = [self.tuned(seed) for seed in range(4)]
        self.heads = [self.tuned(10 + n, only=("classifier", "pooler")) for n in (0, 1)]
        self.longer = self.tuned(20, start=self.tunes[0])
        self.lora = self._lora(30)

    def tuned(
        self,
        seed: int,
        *,
        start: Weights | None = None,
        only: tuple[str, ...] = (),
    ) -> Weights:
        """A fine-tune on BANKING77; ``only`` names the parts that are trained."""
        model = self._model(start or self.small)
        for name, parameter in model.named_parameters():
            parameter.requires_grad = not only or any(part in name for part in only)
        _train(model, self.rows, seed=seed, steps=self.steps, rate=1e-4)
        return _weights(model)

    def _model(self, weights: Weights) -> BertForSequenceClassification:
        model = BertForSequenceClassification(BertConfig.from_pretrained(self.folder))
        model.load_state_dict(weights, strict=False)
        return model

    def _lora(self, seed: int) -> Weights:
        """A trained LoRA adapter of rank 4, merged."""
        from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - takes seconds

        torch.manual_seed(seed)
        config = LoraConfig(r=4, lora_alpha=16, target_modules=["query", "value"])
        adapted = get_peft_model(self._model(self.small), config)
        _train(adapted, self.rows, seed=seed, steps=self.steps, rate=1e-3)
        return _weights(adapted.merge_and_unload())

    def stranger(self, seed: int) -> Weights:
        """The same architecture, drawn anew and trained a little."""
        torch.manual_seed(seed)
        model = BertForSequenceClassification(BertConfig.from_pretrained(self.folder))
        _train(model, self.rows, seed=seed, steps=max(1, self.steps // 4), rate=1e-4)
        return _weights(model)

    def large_tuned(self, seed: int) -> Weights:
        """The larger model with its last two layers trained for a moment."""
        assert self.large is not None
        model = LlamaForCausalLM.from_pretrained(self.large_folder, dtype=torch.float32)
        for name, parameter in model.named_parameters():
            parameter.requires_grad = "layers.28." in name or "layers.29." in name
        optimizer = torch.optim.AdamW(
            [p for p in model.parameters() if p.requires_grad], lr=1e-4
        )
        torch.manual_seed(seed)
        for _ in range(2):
            ids = torch.randint(0, 49_000, (1, TOKENS))
            model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        return {k: v for k, v in _weights(model).items() if k in self.large}


def pairs(shop: Shop) -> Iterator[Pair]:
    """All pairs; the related ones first."""
    yield from undeclared(shop.small, "", shop)
    if shop.large is not None:
        yield from undeclared(shop.large, " (135M)", None)
        tuned = shop.large_tuned(1)
        yield Pair("fine-tuned (135M)", tuned, shop.large, related=True)
        yield Pair("int8 and back (135M)", quantised(tuned, 8), tuned, related=True)
    yield from beneath_a_declared_base(shop)
    yield from strangers(shop)


def undeclared(base: Weights, mark: str, shop: Shop | None) -> Iterator[Pair]:
    """Children that declare nothing."""
    for kind, change in CHANGES.items():
        yield Pair(kind + mark, change(base), base, related=True)
    if shop is None:
        return
    for tune in shop.tunes:
        yield Pair("fine-tuned", tune, base, related=True)
    yield Pair("LoRA merged", shop.lora, base, related=True)
    yield Pair("LoRA merged, then int8", quantised(shop.lora, 8), base, related=True)
    both = averaged(shop.tunes[0], shop.stranger(50))
    yield Pair("averaged with a stranger", both, base, related=True)


def beneath_a_declared_base(shop: Shop) -> Iterator[Pair]:
    """The base is declared, and the fine-tune that was taken is not."""
    base = (shop.small,)
    for victim, other in ((0, 1), (2, 3)):
        tune = shop.tunes[victim]
        for kind, change in HIDDEN_CHANGES.items():
            yield Pair(f"hidden fine-tune, {kind}", change(tune), tune, True, base)
        mean = averaged(tune, shop.tunes[other])
        yield Pair("hidden fine-tune, averaged with another", mean, tune, True, base)
        half = averaged(tune, shop.small)
        yield Pair("hidden fine-tune, averaged with the base", half, tune, True, base)
    longer = shop.longer
    yield Pair("hidden fine-tune, trained on", longer, shop.tunes[0], True, base)
    yield Pair("hidden LoRA, float16", float16(shop.lora), shop.lora, True, base)


def strangers(shop: Shop) -> Iterator[Pair]:
    """Pairs that are no family, or only through a declared base."""
    base = (shop.small,)
    tunes = shop.tunes
    for number, one in enumerate(tunes):
        for other in tunes[:number] + tunes[number + 1 :]:
            yield Pair("siblings of a declared base", one, other, False, base)
    noisy = noised(tunes[0], 1, 0.01)
    for other in tunes[1:]:
        yield Pair("siblings, one noised", noisy, other, False, base)
        yield Pair("siblings, one int8", quantised(tunes[0], 8), other, False, base)
    one, other = shop.heads
    yield Pair("heads alone, same data", one, other, False, base)
    yield Pair("heads alone, same data", other, one, False, base)
    for seed in (60, 61):
        stranger = shop.stranger(seed)
        for known in (shop.small, tunes[0]):
            yield Pair("same architecture, unrelated", stranger, known, False)
            yield Pair("same architecture, base declared", stranger, known, False, base)
        entries = shuffled_entries(shop.small, seed)
        yield Pair("the same numbers, shuffled", entries, shop.small, False)
    for tune in tunes:
        yield Pair("a declared parent", tune, shop.small, False, base)
    if shop.large is not None:
        yield Pair("other architecture", shop.large, shop.small, False)
        yield Pair("other architecture", tunes[0], shop.large, False)


def noised(weights: Weights, seed: int, size: float) -> Weights:
    """Normal noise of ``size`` deviations of each tensor."""
    random_numbers = torch.Generator().manual_seed(seed)

    def spoilt(tensor: torch.Tensor) -> torch.Tensor:
        whole = tensor.float()
        noise = torch.randn(whole.shape, generator=random_numbers)
        return whole + size * whole.std(correction=0) * noise

    return {name: spoilt(tensor) for name, tensor in weights.items()}


def quantised(weights: Weights, bits: int) -> Weights:
    """Rows of matrices to integers of ``bits``, and back."""

    def there_and_back(tensor: torch.Tensor) -> torch.Tensor:
        whole = tensor.float()
        if whole.ndim < 2:
            return whole
        step = whole.abs().amax(-1, keepdim=True).clamp(min=1e-20)
        step /= 2 ** (bits - 1) - 1
        return torch.round(whole / step) * step

    return {name: there_and_back(tensor) for name, tensor in weights.items()}


def float16(weights: Weights) -> Weights:
    """Half as many bits."""
    return {name: tensor.to(torch.float16) for name, tensor in weights.items()}


def averaged(one: Weights, other: Weights) -> Weights:
    """The mean of two models."""
    return {name: (one[name].float() + other[name].float()) / 2 for name in one}


def low_rank(weights: Weights, seed: int) -> Weights:
    """An update of rank 8 and one per cent of each matrix's norm, as LoRA merges."""
    numbers = torch.Generator().manual_seed(seed)

    def updated(tensor: torch.Tensor) -> torch.Tensor:
        whole = tensor.float()
        if whole.ndim < 2 or "embed" in str(tensor.shape):
            return whole
        rows, columns = whole.shape
        added = torch.randn(rows, 8, generator=numbers) @ torch.randn(
            8, columns, generator=numbers
        )
        return whole + added * (0.01 * whole.norm() / added.norm())

    return {name: updated(tensor) for name, tensor in weights.items()}


def reordered(weights: Weights) -> Weights:
    """Layers from the last to the first."""
    layers = {_layer(name) for name in weights} - {None}
    last = max(layer for layer in layers if layer is not None)

    def moved(name: str) -> str:
        layer = _layer(name)
        if layer is None:
            return name
        return name.replace(f".{layer}.", f".{last - layer}.", 1)

    return {moved(name): tensor for name, tensor in weights.items()}


def _layer(name: str) -> int | None:
    parts = [part for part in name.split(".") if part.isdigit()]
    return int(parts[0]) if parts else None


_UNITS = (
    (".intermediate.dense.", ".output.dense.weight"),
    (".mlp.gate_proj.", ".mlp.down_proj.weight"),
    (".mlp.up_proj.", ".mlp.down_proj.weight"),
)


def shuffled_units(weights: Weights) -> Weights:
    """Hidden units of every feed-forward block in another order; the same function."""
    made = dict(weights)
    for name in weights:
        if name.endswith((".intermediate.dense.weight", ".mlp.up_proj.weight")):
            numbers = torch.Generator().manual_seed(_layer(name) or 0)
            order = torch.randperm(len(weights[name]), generator=numbers)
            _reorder(made, name, order)
    return made


def _reorder(weights: Weights, name: str, order: torch.Tensor) -> None:
    head = name.partition(".intermediate.")[0].partition(".mlp.")[0]
    for part, down in _UNITS:
        for ending in ("weight", "bias"):
            up = f"{head}{part}{ending}"
            if up in weights:
                weights[up] = weights[up][order].contiguous()
        below = f"{head}{down}"
        if below in weights and f"{head}{part}weight" in weights and "gate" not in part:
            weights[below] = weights[below][:, order].contiguous()


def shuffled_entries(weights: Weights, seed: int) -> Weights:
    """Every tensor's numbers in any order: the same distribution, nothing else."""
    numbers = torch.Generator().manual_seed(seed)

    def mixed(tensor: torch.Tensor) -> torch.Tensor:
        order = torch.randperm(tensor.numel(), generator=numbers)
        return tensor.flatten()[order].reshape(tensor.shape)

    return {name: mixed(tensor) for name, tensor in weights.items()}


Change = Callable[[Weights], Weights]
CHANGES: Mapping[str, Change] = {
    "copied": dict,
    "float16": float16,
    "noise 0.1 %": lambda w: noised(w, 1, 0.001),
    "noise 1 %": lambda w: noised(w, 2, 0.01),
    "noise 10 %": lambda w: noised(w, 3, 0.1),
    "noise 100 %": lambda w: noised(w, 4, 1.0),
    "int8 and back": lambda w: quantised(w, 8),
    "4-bit and back": lambda w: quantised(w, 4),
    "low-rank update": lambda w: low_rank(w, 5),
    "layers reordered": reordered,
    "layers reordered, noise 1 %": lambda w: noised(reordered(w), 6, 0.01),
    "hidden units shuffled": shuffled_units,
}
HIDDEN_CHANGES: Mapping[str, Change] = {
    "copied": dict,
    "float16": float16,
    "noise 0.1 %": lambda w: noised(w, 7, 0.001),
    "noise 0.3 %": lambda w: noised(w, 8, 0.003),
    "noise 1 %": lambda w: noised(w, 9, 0.01),
    "noise 3 %": lambda w: noised(w, 9, 0.03),
    "int8 and back": lambda w: quantised(w, 8),
    "4-bit and back": lambda w: quantised(w, 4),
}


def _weights(model: Any) -> Weights:
    return {
        name: tensor.detach().clone()
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()
    }


def _read(folder: Path) -> list[tuple[list[int], int]]:
    """Token ids and class of each training row."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS)
    classes = json.loads((folder / "config.json").read_text("utf-8"))["label2id"]
    rows = [json.loads(line) for line in TRAIN.read_text("utf-8").splitlines()]
    return [(tokenizer.encode(r["text"]).ids, classes[r["label"]]) for r in rows]


def _train(
    model: Any,
    rows: list[tuple[list[int], int]],
    *,
    seed: int,
    steps: int,
    rate: float,
) -> None:
    torch.manual_seed(seed)
    chooser = random.Random(seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate)
    model.train()
    for _ in range(steps):
        batch = chooser.sample(rows, 8)
        longest = max(len(ids) for ids, _ in batch)
        ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch])
        mask = (ids != 0).long()
        classes = torch.tensor([label for _, label in batch])
        model(input_ids=ids, attention_mask=mask, labels=classes).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
