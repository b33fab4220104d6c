"""Fine-tune a LoRA adapter on the base model's last layers, in minutes on a CPU.

The metric asks which choice is likeliest, so that is what is trained: the softmax
over the choices' log-likelihoods. Everything below the last layers stays as it is,
so its hidden states are computed once. Start here, then try to do better: more
layers, more epochs, more data.

    python train.py --base base --train train.jsonl --out my-model
"""

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoTokenizer, LlamaForCausalLM

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
MAX_TOKENS = 320
BATCH = 8
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class Question:
    """One context with all its choices behind it, as one sequence of tokens.

    Attributes:
        tokens, positions: what the model reads, and where each token would stand.
        mask: (tokens, tokens), 0 where a token may look and -inf where not.
        sources, targets, choices: for each scored token, the place whose logits
            predict it, its id, and the choice that it belongs to.
        states: (tokens, hidden size), what the frozen layers make of it.
    """

    tokens: list[int]
    positions: list[int]
    mask: torch.Tensor
    sources: list[int]
    targets: list[int]
    choices: list[int]
    count: int
    answer: int
    states: torch.Tensor = field(default_factory=lambda: torch.empty(0, 0))


def pack(tokenizer: AutoTokenizer, row: Mapping[str, Any]) -> Question:
    """Read the context once; each choice sees it and itself, not the others."""
    context = tokenizer(row["context"])["input_ids"]
    question = Question(
        list(context), list(range(len(context))), torch.empty(0), [], [], [], 0, 0
    )
    spans = []
    for number, choice in enumerate(row["choices"]):
        whole = tokenizer(f"{row['context']} {choice}")["input_ids"][len(context) :]
        start = len(question.tokens)
        question.tokens += whole
        question.positions += range(len(context), len(context) + len(whole))
        question.sources += [len(context) - 1, *range(start, start + len(whole) - 1)]
        question.targets += whole
        question.choices += [number] * len(whole)
        spans.append((start, start + len(whole)))
    question.mask = mask_of(len(context), spans)
    question.count, question.answer = len(row["choices"]), row["answer"]
    return question


def mask_of(context: int, spans: list[tuple[int, int]]) -> torch.Tensor:
    """Causal, and blind to the other choices."""
    size = spans[-1][1]
    seen = torch.ones(size, size).tril().bool()
    for start, end in spans:
        seen[start:end, context:start] = False
    return torch.zeros(size, size).masked_fill(~seen, float("-inf"))


def run(body: nn.Module, batch: list[Question]) -> list[torch.Tensor]:
    """The layers of ``body`` over some questions: (tokens, hidden size) of each."""
    size = max(len(question.tokens) for question in batch)
    states = torch.zeros(len(batch), size, batch[0].states.shape[1], device=DEVICE)
    positions = torch.zeros(len(batch), size, dtype=torch.long, device=DEVICE)
    mask = torch.full((len(batch), 1, size, size), float("-inf"), device=DEVICE)
    mask[..., 0] = 0  # padding looks somewhere, or its softmax is not a number
    for row, question in enumerate(batch):
        used = len(question.tokens)
        states[row, :used] = question.states
        positions[row, :used] = torch.tensor(question.positions)
        mask[row, 0, :used, :used] = question.mask
    hidden = body(
        inputs_embeds=states,
        position_ids=positions,
        attention_mask=mask,
        use_cache=False,
    ).last_hidden_state
    return [hidden[row, : len(q.tokens)] for row, q in enumerate(batch)]


def batches(questions: list[Question]) -> list[list[Question]]:
    """Questions of like length together, so that little is padded."""
    ordered = sorted(questions, key=lambda question: len(question.tokens))
    return [ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)]


def freeze_below(
    model: LlamaForCausalLM, layers: nn.ModuleList, top: int, questions: list[Question]
) -> None:
    """Compute, once, what comes out of all layers but the last ``top``."""
    body, norm = model.model, model.model.norm
    body.layers, body.norm = layers[:-top], nn.Identity()
    with torch.no_grad():
        for done, batch in enumerate(batches(questions), start=1):
            for question in batch:
                question.states = body.embed_tokens(
                    torch.tensor(question.tokens, device=DEVICE)
                )
            for question, states in zip(batch, run(body, batch), strict=True):
                question.states = states.clone()
            print(f"frozen layers {done * BATCH}/{len(questions)}", flush=True)
    body.layers, body.norm = layers, norm


def log_likelihoods(
    model: LlamaForCausalLM, batch: list[Question]
) -> list[torch.Tensor]:
    """One value a choice, as the evaluator defines it: the sum over its tokens."""
    hidden = [
        states[question.sources]
        for question, states in zip(batch, run(model.model, batch), strict=True)
    ]
    logits = model.lm_head(torch.cat(hidden))
    targets = torch.tensor([token for q in batch for token in q.targets], device=DEVICE)
    scores = logits.log_softmax(-1).gather(1, targets[:, None])[:, 0]
    parts = scores.split([len(question.targets) for question in batch])
    return [
        torch.zeros(q.count, device=DEVICE).index_add(
            0, torch.tensor(q.choices, device=DEVICE), part
        )
        for q, part in zip(batch, parts, strict=True)
    ]


def train(
    model: LlamaForCausalLM, questions: list[Question], epochs: int, rate: float
) -> None:
    """AdamW over the adapter, a batch of like questions a step."""
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate)
    steps = epochs * len(batches(questions))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for epoch in range(epochs):
        right = 0
        for batch in random.sample(batches(questions), k=len(batches(questions))):
            likely = log_likelihoods(model, batch)
            right += sum(
                int(of_one.argmax()) == question.answer
                for question, of_one in zip(batch, likely, strict=True)
            )
            losses = [
                -of_one.log_softmax(0)[question.answer]
                for question, of_one in zip(batch, likely, strict=True)
            ]
            optimizer.zero_grad()
            torch.stack(losses).mean().backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}/{epochs}: {right}/{len(questions)} right", flush=True)


def main() -> None:
    """Read, freeze, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("base"))
    parser.add_argument("--train", type=Path, help="train.jsonl, else sample.jsonl")
    parser.add_argument("--out", type=Path, default=Path("my-model"))
    parser.add_argument("--examples", type=int, default=280, help="0 means all")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()

    random.seed(chosen.seed)
    torch.manual_seed(chosen.seed)
    tokenizer = AutoTokenizer.from_pretrained(chosen.base)
    here = Path(__file__).parent
    known = [here / name for name in ("train.jsonl", "sample.jsonl")]
    train_file = chosen.train or next(path for path in known if path.exists())
    rows = load_dataset("json", data_files=str(train_file), split="train")
    packed = [pack(tokenizer, row) for row in rows]
    questions = [q for q in packed if len(q.tokens) <= MAX_TOKENS]
    random.shuffle(questions)
    questions = questions[: chosen.examples or None]

    model = LlamaForCausalLM.from_pretrained(chosen.base, dtype=torch.float32)
    model = model.to(DEVICE)
    layers = model.model.layers
    freeze_below(model, layers, chosen.layers, questions)
    top = list(range(len(layers) - chosen.layers, len(layers)))
    tuned = get_peft_model(
        model,
        LoraConfig(
            r=16,
            lora_alpha=32,
            target_modules=TARGETS,
            layers_to_transform=top,
            layers_pattern="layers",
        ),
    )
    model.model.layers = layers[-chosen.layers :]
    train(model, questions, chosen.epochs, chosen.rate)
    model.model.layers = layers
    tuned.save_pretrained(chosen.out, safe_serialization=True)
    (chosen.out / "README.md").unlink(missing_ok=True)
    print(f"saved {chosen.out}")


if __name__ == "__main__":
    main()
