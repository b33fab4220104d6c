"""Completion for shells."""

import click
from click.shell_completion import get_completion_class

from assay.commands.session import Session
from assay.commands.shape import Command

VARIABLE = "_ASSAY_COMPLETE"


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands.

    \b
    bash:  assay completion bash >> ~/.bashrc
    zsh:   assay completion zsh >> ~/.zshrc
    fish:  assay completion fish > ~/.config/fish/completions/assay.fish
    """
    made = get_completion_class(shell)
    assert made is not None  # click knows the three
    root = context.find_root()
    click.echo(made(root.command, {}, "assay", VARIABLE).source())
    session = root.ensure_object(Session)
    session.say(f"Put this where {shell} reads it when it starts, then open a new one.")
