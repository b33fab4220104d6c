"""Forty real entrants: heads on the small encoder, scored on BANKING77's hidden rows.

``python -m benchmarks.statistics.collect --base FOLDER`` needs torch, the prepared base
model, and two minutes of one core. It writes ``results/intents.json``, which the
simulations read: for each entrant which of the 1,500 rows it had right.
"""

import argparse
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification

DATA = Path(__file__).parents[2] / "examples" / "intent_routing" / "data"
OUT = Path(__file__).with_name("results") / "intents.json"
SHARES = (0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 0.8, 1.0)
DECAYS = (0.0, 0.003, 0.03, 0.1, 0.3)
BATCH = 64


def rows(*names: str) -> list[dict[str, str]]:
    """Read rows of the example competition."""
    texts = itertools.chain.from_iterable(
        (DATA / f"{name}.jsonl").read_text("utf-8").splitlines() for name in names
    )
    return [json.loads(line) for line in texts]


def encode(base: Path, texts: Sequence[str]) -> torch.Tensor:
    """Return the mean of the encoder's last states, each text alone in its length."""
    model = BertForSequenceClassification.from_pretrained(base).eval()
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    found = [tokenizer.encode(text).ids[:64] for text in texts]
    states = torch.empty(len(texts), model.config.hidden_size)
    ordered = sorted(range(len(texts)), key=lambda index: len(found[index]))
    for _, same in itertools.groupby(ordered, key=lambda index: len(found[index])):
        for chosen in batches(same):
            ids = torch.tensor([found[index] for index in chosen])
            with torch.no_grad():
                states[chosen] = model.bert(ids).last_hidden_state.mean(dim=1)
    return torch.nn.functional.normalize(states)


def head(
    states: torch.Tensor, targets: torch.Tensor, decay: float, seed: int
) -> torch.nn.Linear:
    """Train a linear head on a CPU."""
    torch.manual_seed(seed)
    layer = torch.nn.Linear(states.shape[1], int(targets.max()) + 1)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.03, weight_decay=decay)
    for _ in range(12):
        for chosen in torch.randperm(len(states)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(
                10 * layer(states[chosen]), targets[chosen]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layer


def batches(indices: Iterable[int]) -> Iterator[list[int]]:
    """Cut into lists of at most a batch."""
    waiting = iter(indices)
    while chosen := list(itertools.islice(waiting, BATCH)):
        yield chosen


def collect(base: Path) -> dict[str, str]:
    """Return for each entrant its right answers as hexadecimal digits of bits."""
    train, hidden = rows("train")[::2], rows("public", "private")
    labels = sorted({row["label"] for row in train})
    states = encode(base, [row["text"] for row in (*train, *hidden)])
    known = torch.tensor([labels.index(row["label"]) for row in train])
    right = torch.tensor([labels.index(row["label"]) for row in hidden])
    results = {}
    for seed, (share, decay) in enumerate(itertools.product(SHARES, DECAYS)):
        order = torch.randperm(
            len(train), generator=torch.Generator().manual_seed(seed)
        )
        chosen = order[: round(share * len(train))]
        layer = head(states[chosen], known[chosen], decay, seed)
        with torch.no_grad():
            correct = layer(states[len(train) :]).argmax(dim=1) == right
        bits = "".join(str(int(one)) for one in correct)
        name = f"{share:.0%} of the rows, decay {decay:g}"
        results[name] = f"{int(bits, 2):0{len(bits) // 4}x}"
        print(f"{name}: {correct.float().mean():.3f}", flush=True)
    return results


def main() -> None:
    """Read, encode, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    torch.set_num_threads(1)
    results = collect(parser.parse_args().base)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
