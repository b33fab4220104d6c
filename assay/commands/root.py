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
            "token": Leaf("auth:token", "Print the token in use, for other programs."),
            "profiles": Leaf("auth:profiles", "List the logins that are kept."),
            "use": Leaf("auth:use", "Use another login from now on."),
        },
    ),
    "competition": (
        "Find competitions, fetch their data, run your own.",
        {
            "list": Leaf("competition:list_competitions", "List competitions."),
            "show": Leaf("competition:show", "Show a competition and its rules."),
            "leaderboard": Leaf("competition:leaderboard", "Show the ranks."),
            "limits": Leaf("watching:limits", "Show what you may still submit today."),
            "history": Leaf(
                "watching:history", "List what happened in public, oldest first."
            ),
            "watch": Leaf("watching:watch", "Follow what happens until it has ended."),
            "power": Leaf("competition:power", "Show what its data can tell apart."),
            "data": Leaf("data:data", "Download the public files."),
            "budget": Leaf("costs:budget", "Show the evaluation budget."),
            "charges": Leaf("costs:charges", "List what evaluations cost."),
            "estimate": Leaf("costs:estimate", "Say what evaluation will cost."),
            "init": Leaf("drafts:init", "Begin a competition in a folder."),
            "validate": Leaf("drafts:validate", "Check a competition's files."),
            "push": Leaf("drafts:push", "Create a draft, or bring it up to date."),
            "launch": Leaf(
                "drafts:launch", "Push, stake, wait for the baseline, open."
            ),
            "export": Leaf(
                "drafts:export", "Write a competition as files, to keep or to copy."
            ),
            "create": Leaf("sponsoring:create", "Create a competition from a file."),
            "open": Leaf("sponsoring:open_competition", "Let miners in."),
            "deadline": Leaf("sponsoring:deadline", "Move the deadline."),
            "reveal": Leaf("revealing:reveal", "Show everybody the hidden data."),
            "cancel": Leaf("sponsoring:cancel", "End it and give stakes back."),
        },
    ),
    "stake": (
        "Stake tokens on competitions.",
        {
            "add": Leaf("stake:add", "Stake from your wallet."),
            "list": Leaf("stake:list_stakes", "List a competition's stakes."),
            "withdraw": Leaf(
                "stake:withdraw", "Take your stake back before the opening."
            ),
        },
    ),
    "submission": (
        "Follow what you have submitted.",
        {
            "list": Leaf("submission:list_submissions", "List your submissions."),
            "show": Leaf("submission:show", "Show one and its evaluations."),
            "logs": Leaf(
                "submission:logs", "List what happened to an entry, with times."
            ),
            "cancel": Leaf("submission:cancel", "Stop the evaluation of an entry."),
            "withdraw": Leaf(
                "submission:withdraw", "Take a scored entry off the board for good."
            ),
            "download": Leaf("submission:download", "Download the files of an entry."),
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
    "receipt": (
        "Check what evaluators signed, and repeat it.",
        {
            "get": Leaf("receipt:get", "Save the receipt of an evaluation."),
            "keys": Leaf("receipt:keys", "Print the evaluators' public keys."),
            "verify": Leaf("receipt:verify", "Check a receipt offline."),
            "recompute": Leaf(
                "recompute:recompute",
                "Repeat what a receipt says, and compare the bits.",
            ),
            "revoke-key": Leaf("receipt:revoke_key", "Believe no more of a key."),
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
            "holds": Leaf("wallet:holds", "List what is held, oldest first."),
            "head": Leaf("wallet:head", "Show the head of the ledger's chain."),
            "send": Leaf("wallet:send", "Send tokens to somebody."),
            "faucet": Leaf("wallet:faucet", "Get test tokens."),
            "withdraw": Leaf("wallet:withdraw", "Ask to be paid out."),
            "withdrawals": Leaf("wallet:withdrawals", "List what you asked for."),
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
            "inspect": Leaf(
                "inspecting:inspect", "Say what terms a file carries, whom to pay."
            ),
            "export": Leaf("exporting:export", "Write documents with a model's terms."),
            "externals": Leaf(
                "model:list_externals",
                "List models that are registered from elsewhere.",
            ),
            "register-external": Leaf(
                "model:register_external", "State that a model exists elsewhere."
            ),
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
            "status": Leaf(
                "certificate:status", "Print the signed list of revoked licences."
            ),
            "save": Leaf("holding:save", "Save a licence's files and invoices."),
            "cancel": Leaf("holding:cancel", "Stop a licence's renewing."),
            "refund": Leaf("holding:refund", "Take the newest payment back."),
            "revenue": Leaf("holding:revenue", "List what was declared for a licence."),
            "declare": Leaf("holding:declare", "Declare revenue, and pay its share."),
            "notices": Leaf("holding:notices", "List renewals, reminders and ends."),
        },
    ),
    "royalties": (
        "See your income, and recompute any payment.",
        {
            "list": Leaf("royalty:list_royalties", "List what royalties brought you."),
            "totals": Leaf("royalty:totals", "Sum up what royalties brought you."),
            "verify": Leaf("royalty:verify", "Recompute any payment from public data."),
            "give": Leaf("royalty:give", "Offer parts of your share to somebody."),
            "offers": Leaf("royalty:offers", "List offers of shares that wait."),
            "take": Leaf("royalty:take", "Accept a share that is offered to you."),
            "decline": Leaf("royalty:decline", "Decline an offer, or take yours back."),
        },
    ),
    "terms": (
        "Make licence terms, and read them in plain words.",
        {
            "init": Leaf("terms:init", "Make terms from a preset."),
            "explain": Leaf("terms:explain_terms", "Say what terms allow."),
            "licence": Leaf("known_licences:licence", "Say what a licence allows."),
            "check": Leaf("terms:check", "Find what is wrong with terms."),
        },
    ),
}
NESTED: Mapping[tuple[str, str], tuple[str, Mapping[str, Leaf]]] = {
    ("competition", "rules"): (
        "Read the rules and accept them.",
        {
            "show": Leaf(
                "watching:show_rules", "Show the rules, and whether you accepted them."
            ),
            "accept": Leaf("watching:accept_rules", "Accept the rules, to take part."),
        },
    ),
    ("licence", "meter"): (
        "Pay by use, from a deposit, by signed vouchers.",
        {
            "price": Leaf("meter:price", "Show or set what a call costs."),
            "open": Leaf("meter:open_meter", "Prepay calls of a model."),
            "show": Leaf("meter:show", "Show a meter and its lanes."),
            "add": Leaf("meter:add", "Put more into a meter."),
            "sign": Leaf("meter:sign", "Sign a voucher for further calls."),
            "redeem": Leaf("meter:redeem", "Have a voucher paid out."),
            "sync": Leaf("meter:sync", "Catch up with what was redeemed."),
            "close": Leaf("meter:close", "Ask for the rest of a deposit."),
        },
    ),
}
DEFAULTS = {"royalties": "list"}
AREA_ALIASES = {
    "comp": "competition",
    "sub": "submission",
    "lic": "licence",
    "roy": "royalties",
}
VERB_ALIASES = {"ls": "list", "lb": "leaderboard", "dl": "download"}
MINING: Mapping[str, Leaf] = {
    "init": Leaf("kit:init", "Make a starter kit in a folder."),
    "evaluate": Leaf("evaluate:evaluate", "Score a model here, on the sample."),
    "check": Leaf("check:check", "Find what the server would refuse."),
    "submit": Leaf("submit:submit", "Enter a model in a competition."),
}
READING: Mapping[str, Leaf] = {
    "inspect": Leaf(
        "inspecting:inspect", "Say what terms a file carries, whom to pay."
    ),
    "completion": Leaf(
        "completing:completion", "Print what makes a shell complete commands."
    ),
}


def _nested(area: str) -> dict[str, LazyGroup]:
    return {
        name: LazyGroup(name=name, help=line, leaves=leaves, aliases=VERB_ALIASES)
        for (parent, name), (line, leaves) in NESTED.items()
        if parent == area
    }


def _tree() -> dict[str, Any]:
    groups = {
        name: LazyGroup(
            name=name,
            help=line,
            leaves={**leaves, **_nested(name)},
            default=DEFAULTS.get(name, ""),
            aliases=VERB_ALIASES,
        )
        for name, (line, leaves) in AREAS.items()
    }
    tree: dict[str, Any] = {name: groups[name] for name in ("auth", "competition")}
    return {**tree, **MINING, **groups, **READING}


root = LazyGroup(
    name="assay",
    help="Open models get better because somebody pays for it.\n\n"
    "Begin with `assay auth login`, then `assay competition list`.",
    leaves=_tree(),
    aliases=AREA_ALIASES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
root = click.version_option(__version__, prog_name="assay")(root)
