"""The tree of commands. To add one: a function in a module, a line here."""

from collections.abc import Mapping
from typing import Any

import click

from assay import __version__
from assay.commands.shape import LazyGroup, Leaf

AREAS: Mapping[str, tuple[str, Mapping[str, Leaf]]] = {
    "auth": (
        "Log in and out.",
        {
            "login": Leaf("auth:login", "Check a token and keep it."),
            "whoami": Leaf("auth:whoami", "Show who you are, and your balance."),
            "logout": Leaf("auth:logout", "Forget the token that is kept."),
        },
    ),
    "competition": (
        "Find competitions, fetch their data, run your own.",
        {
            "list": Leaf("competition:list_competitions", "List competitions."),
            "show": Leaf("competition:show", "Show a competition and its rules."),
            "leaderboard": Leaf("competition:leaderboard", "Show the ranks."),
            "accept": Leaf("competition:accept", "Accept the rules, to take part."),
            "data": Leaf("data:data", "Download the public files."),
            "budget": Leaf("costs:budget", "Show the evaluation budget."),
            "charges": Leaf("costs:charges", "List what evaluations cost."),
            "estimate": Leaf("costs:estimate", "Say what evaluation will cost."),
            "create": Leaf("sponsoring:create", "Create a competition from a file."),
            "open": Leaf("sponsoring:open_competition", "Let miners in."),
            "deadline": Leaf("sponsoring:deadline", "Move the deadline."),
            "cancel": Leaf("sponsoring:cancel", "End it and give stakes back."),
        },
    ),
    "stake": (
        "Stake tokens on competitions.",
        {
            "add": Leaf("stake:add", "Stake from your wallet."),
            "list": Leaf("stake:list_stakes", "List a competition's stakes."),
        },
    ),
    "submission": (
        "Follow what you have submitted.",
        {
            "list": Leaf("submission:list_submissions", "List your submissions."),
            "show": Leaf("submission:show", "Show one and its evaluations."),
            "disqualify": Leaf(
                "challenge:disqualify", "Strike an entry off the board, as staff."
            ),
        },
    ),
    "challenge": (
        "Object to entries that are to be paid.",
        {
            "list": Leaf("challenge:list_challenges", "List challenges."),
            "show": Leaf("challenge:show", "Show one, its evidence and its decision."),
            "raise": Leaf(
                "challenge:raise_challenge", "Object to an entry that is to be paid."
            ),
            "decide": Leaf("challenge:decide", "Uphold or dismiss one, as staff."),
        },
    ),
    "wallet": (
        "See your balance and what moved it.",
        {
            "balance": Leaf("wallet:balance", "Show your balance."),
            "statement": Leaf("wallet:statement", "List what moved, newest first."),
            "deposits": Leaf(
                "wallet:deposits", "List fees and deposits of your entries."
            ),
            "faucet": Leaf("wallet:faucet", "Get test tokens."),
        },
    ),
    "pool": (
        "Pay other people's submission fees and deposits.",
        {
            "list": Leaf("pool:list_pools", "List pools."),
            "show": Leaf("pool:show", "Show whom a pool pays for, and what it has."),
            "open": Leaf("pool:open_pool", "Open a pool."),
            "fund": Leaf("pool:fund", "Put tokens from your wallet into a pool."),
            "close": Leaf("pool:close", "Close your pool and give back what is left."),
            "payments": Leaf("pool:payments", "List what a pool has paid for whom."),
            "fundings": Leaf("pool:fundings", "List who funded a pool."),
        },
    ),
    "model": (
        "Find models and download them.",
        {
            "list": Leaf("model:list_models", "List published models."),
            "show": Leaf("model:show", "Show a model, its terms and lineage."),
            "download": Leaf("model:download", "Download a model's files."),
        },
    ),
    "licence": (
        "Buy uses of models, and check certificates.",
        {
            "quote": Leaf("licence:quote", "Ask for the price of a use."),
            "buy": Leaf("licence:buy", "Pay for a use and get the licence."),
            "list": Leaf("licence:list_licences", "List your licences."),
            "show": Leaf("licence:show", "Show a licence and its royalty."),
            "keys": Leaf("certificate:keys", "Print the platform's public keys."),
            "verify": Leaf("certificate:verify", "Check a certificate offline."),
        },
    ),
    "terms": (
        "Read licence terms in plain words.",
        {
            "explain": Leaf("terms:explain_terms", "Say what terms allow."),
            "check": Leaf("terms:check", "Find what is wrong with terms."),
        },
    ),
}
MINING: Mapping[str, Leaf] = {
    "evaluate": Leaf("evaluate:evaluate", "Score a model here, on the sample."),
    "check": Leaf("check:check", "Find what the server would refuse."),
    "submit": Leaf("submit:submit", "Enter a model in a competition."),
}


def _tree() -> dict[str, Any]:
    groups = {
        name: LazyGroup(name=name, help=line, leaves=leaves)
        for name, (line, leaves) in AREAS.items()
    }
    tree: dict[str, Any] = {name: groups[name] for name in ("auth", "competition")}
    return {**tree, **MINING, **groups}


root = LazyGroup(
    name="assay",
    help="Open models get better because somebody pays for it.\n\n"
    "Begin with `assay auth login`, then `assay competition list`.",
    leaves=_tree(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
root = click.version_option(__version__, prog_name="assay")(root)
