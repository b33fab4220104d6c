"""Where the command begins and ends: run it, explain what went wrong, exit."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from assay.commands import failing
from assay.commands.root import root
from assay.commands.session import Session


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status; see ``docs/cli.md``."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    session = Session()
    try:
        status = root.main(
            arguments, prog_name="assay", obj=session, standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return failing.STOPPED
    except Exception as error:  # noqa: BLE001 - the last door: explained, not thrown
        return failing.explain(error, session)
    return status if isinstance(status, int) else 0
