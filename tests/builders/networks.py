"""Small networks as safetensors bytes, and what people do to weights."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Weights = dict[str, NDArray[np.float32]]
SHAPES = {"query": (64, 64), "up": (128, 64), "down": (64, 128)}


def network(seed: int, layers: int = 3) -> Weights:
    """A trained-looking network: rows of different sizes, biases, a norm."""
    random = np.random.default_rng(seed)
    made: Weights = {"words": random.normal(size=(200, 64))}
    for layer in range(layers):
        for name, (rows, columns) in SHAPES.items():
            scale = np.exp(random.normal(size=(rows, 1)) / 3)
            made[f"layer.{layer}.{name}"] = scale * random.normal(size=(rows, columns))
        made[f"layer.{layer}.norm"] = np.ones(64)
    return {name: tensor.astype(np.float32) for name, tensor in made.items()}


def tuned(weights: Weights, seed: int, size: float = 0.01) -> Weights:
    """A fine-tune: a change of low rank and of ``size``, another for each seed."""
    random = np.random.default_rng(seed)

    def change(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        if tensor.ndim < 2:
            return tensor
        rows, columns = tensor.shape
        added = random.normal(size=(rows, 4)) @ random.normal(size=(4, columns))
        added *= size * np.linalg.norm(tensor) / np.linalg.norm(added)
        return (tensor + added).astype(np.float32)

    return {name: change(tensor) for name, tensor in weights.items()}


def noised(weights: Weights, seed: int, size: float) -> Weights:
    """Noise of ``size`` times each tensor's deviation."""
    random = np.random.default_rng(seed)
    return {
        name: (t + size * t.std() * random.normal(size=t.shape)).astype(np.float32)
        for name, t in weights.items()
    }


def quantised(weights: Weights, bits: int) -> Weights:
    """Each row to integers of ``bits`` and back."""

    def there_and_back(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        if tensor.ndim < 2:
            return tensor
        top = 2 ** (bits - 1) - 1
        step = np.abs(tensor).max(axis=-1, keepdims=True) / top
        step = np.maximum(step, np.float32(1e-30))
        return (np.round(tensor / step) * step).astype(np.float32)

    return {name: there_and_back(tensor) for name, tensor in weights.items()}


def averaged(one: Weights, other: Weights) -> Weights:
    """The mean of two models."""
    return {name: (one[name] + other[name]) / 2 for name in one}


def reordered(weights: Weights, layers: int = 3) -> Weights:
    """The layers in reverse order."""

    def name_of(name: str) -> str:
        part, _, rest = name.partition(".")
        if part != "layer":
            return name
        layer, _, inner = rest.partition(".")
        return f"layer.{layers - 1 - int(layer)}.{inner}"

    return {name_of(name): tensor for name, tensor in weights.items()}


def shuffled(weights: Weights, seed: int) -> Weights:
    """Hidden units in another order: the same function, other bytes."""
    random = np.random.default_rng(seed)
    made = dict(weights)
    for name in weights:
        if name.endswith(".up"):
            order = random.permutation(len(weights[name]))
            down = name.removesuffix("up") + "down"
            made[name] = np.ascontiguousarray(weights[name][order])
            made[down] = np.ascontiguousarray(weights[down][:, order])
    return made


def as_bytes(weights: Mapping[str, NDArray[np.float32]], dtype: str = "F32") -> bytes:
    """A safetensors file; F16 narrows."""
    kind = {"F32": np.float32, "F16": np.float16}[dtype]
    return save({name: t.astype(kind) for name, t in weights.items()})
