"""Fine-tune a LoRA adapter on the base model's last layers, on a CPU, in minutes.

The metric asks which choice is likeliest, so that is what is trained: the softmax
over the choices' log-likelihoods. Everything below the last layers stays as it is,
so its hidden states are computed once. Start here, then try to do better: more
layers, more epochs, more data.

    python train.py --base base --train train.jsonl --out my-adapter
"""

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoTokenizer, LlamaForCausalLM

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
MAX_TOKENS = 320


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
    states: torch.Tensor | None = None


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


def run(body: nn.Module, states: torch.Tensor, question: Question) -> torch.Tensor:
    """The layers of ``body`` over one question: (tokens, hidden size)."""
    return body(
        inputs_embeds=states[None],
        position_ids=torch.tensor([question.positions]),
        attention_mask=question.mask[None, None],
        use_cache=False,
    ).last_hidden_state[0]


def freeze_below(
    model: LlamaForCausalLM, layers: nn.ModuleList, top: int, questions: list[Question]
) -> None:
    """Compute, once, what comes out of all layers but the last ``top``."""
    body, norm = model.model, model.model.norm
    body.layers, body.norm = layers[:-top], nn.Identity()
    with torch.no_grad():
        for done, question in enumerate(questions, start=1):
            embedded = body.embed_tokens(torch.tensor(question.tokens))
            question.states = run(body, embedded, question)
            if done % 20 == 0:
                print(f"frozen layers {done}/{len(questions)}", flush=True)
    body.layers, body.norm = layers, norm


def log_likelihoods(model: LlamaForCausalLM, question: Question) -> torch.Tensor:
    """One value a choice, as the evaluator defines it: the sum over its tokens."""
    hidden = run(model.model, question.states, question)
    logits = model.lm_head(hidden[question.sources])
    rows = torch.arange(len(question.targets))
    scores = logits.log_softmax(-1)[rows, torch.tensor(question.targets)]
    sums = torch.zeros(question.count)
    return sums.index_add(0, torch.tensor(question.choices), scores)


def train(
    model: LlamaForCausalLM, questions: list[Question], epochs: int, rate: float
) -> None:
    """AdamW over the adapter; eight questions a step."""
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate)
    steps = epochs * (-(-len(questions) // 8))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for epoch in range(epochs):
        random.shuffle(questions)
        right = 0
        for start in range(0, len(questions), 8):
            optimizer.zero_grad()
            for question in questions[start : start + 8]:
                likely = log_likelihoods(model, question)
                right += int(likely.argmax()) == question.answer
                loss = -likely.log_softmax(0)[question.answer] / 8
                loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}/{epochs}: {right}/{len(questions)} right", flush=True)


def main() -> None:
    """Read, freeze, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("base"))
    parser.add_argument("--train", type=Path, default=Path("train.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("my-adapter"))
    parser.add_argument("--examples", type=int, default=240, help="0 means all")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()

    random.seed(chosen.seed)
    torch.manual_seed(chosen.seed)
    tokenizer = AutoTokenizer.from_pretrained(chosen.base)
    rows = load_dataset("json", data_files=str(chosen.train), split="train")
    packed = [pack(tokenizer, row) for row in rows]
    questions = [q for q in packed if len(q.tokens) <= MAX_TOKENS]
    random.shuffle(questions)
    questions = questions[: chosen.examples or None]

    model = LlamaForCausalLM.from_pretrained(chosen.base, dtype=torch.float32)
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
