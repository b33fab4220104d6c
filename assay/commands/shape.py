"""Groups that load a command when it is called, and options that all commands share.

``assay --help`` must not wait for what it does not use, so a group knows its
commands by module, name and one line of help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import click

from assay.commands.lazily import load
from assay.commands.session import Session


@dataclass(frozen=True, slots=True)
class Leaf:
    """A command to be loaded: ``module:attribute`` in this package, and its help."""

    address: str
    help: str

    def load(self) -> click.Command:
        """Import the command."""
        module, attribute = self.address.split(":")
        return cast("click.Command", load(f"assay.commands.{module}", attribute))


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called.

    ``default`` names the command that is meant when none is; ``aliases`` are short
    names of commands.
    """

    def __init__(
        self,
        *,
        leaves: Mapping[str, Leaf | click.Command],
        default: str = "",
        aliases: Mapping[str, str] = MappingProxyType({}),
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self.leaves = leaves
        self.default = default
        self.aliases = {
            short: name for short, name in aliases.items() if name in leaves
        }
        self.params.extend(common_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in when none is named."""
        asks_for_help = bool({"-h", "--help"} & set(args[:1]))
        if self.default and not asks_for_help and not self._names & set(args):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    @property
    def _names(self) -> set[str]:
        return {*self.leaves, *self.aliases}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order in which they are shown."""
        return list(self.leaves)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        cmd_name = self.aliases.get(cmd_name, cmd_name)
        found = self.leaves.get(cmd_name) or super().get_command(ctx, cmd_name)
        return found.load() if isinstance(found, Leaf) else found

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """The list of commands, without importing them."""
        short = {name: alias for alias, name in self.aliases.items()}
        rows = [
            (f"{name}, {short[name]}" if name in short else name, leaf.help or "")
            for name, leaf in self.leaves.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        _ = ctx


class Command(click.Command):
    """A command that takes the options of all commands."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        taken = {option for param in self.params for option in param.opts}
        self.params.extend(
            option for option in common_options() if not taken & set(option.opts)
        )


def common_options() -> list[click.Option]:
    """Options that may stand before or after any command."""
    return [
        _option(
            ["--format", "format"],
            type=click.Choice(["table", "json", "csv"]),
            help="How data is printed; a table when nothing is said.",
        ),
        _option(["--json", "as_json"], is_flag=True, help="Short for --format json."),
        _option(["-q", "--quiet", "quiet"], is_flag=True, help="Print ids only."),
        _option(["-y", "--yes", "yes"], is_flag=True, help="Do not ask."),
        _option(["--debug", "debug"], is_flag=True, help="Show an error's trace."),
        _option(["--profile", "profile_name"], help="Use this login, not the last."),
        _option(
            ["--fields", "fields"],
            metavar="A,B",
            help="Print these fields, in this order.",
        ),
    ]


def _option(names: list[str], **rest: Any) -> click.Option:
    return click.Option(
        names, expose_value=False, callback=_remember, default=None, **rest
    )


def _remember(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Keep what was said, wherever on the line it was said."""
    if not value:
        return
    session = context.find_root().ensure_object(Session)
    if option.name == "as_json":
        session.format = "json"
    elif option.name:
        setattr(session, option.name, value)
