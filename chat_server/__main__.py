"""`python -m chat_server COMMAND`: each command imports only what it needs."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from chat_server import agents_cli, backup


def up(options: argparse.Namespace) -> int:
    from chat_server.launch import supervisor
    from chat_server.settings import Settings

    settings = Settings()
    return asyncio.run(supervisor.until_told(lambda: supervisor.up(settings, verbose=options.verbose)))


def serve(_: argparse.Namespace) -> int:
    from chat_server.app import serve
    from chat_server.settings import Settings

    serve(Settings())
    return 0


def train(_: argparse.Namespace) -> int:
    from chat_server.launch import model, supervisor, swap
    from chat_server.settings import Settings

    settings = Settings()

    async def work() -> None:
        with supervisor.watching() as watchdog:
            trained = await model.ensure(settings.data_dir.absolute(), supervisor.say, watchdog)
            supervisor.say(f"The current model is {trained}.")
            await swap.put_in_use(settings, trained.name.partition(".")[0], supervisor.say)

    return asyncio.run(supervisor.until_told(work))


def migrate(_: argparse.Namespace) -> int:
    from chat_server.settings import Settings
    from chat_server.store.migrate import upgrade

    asyncio.run(upgrade(Settings().database))
    return 0


def retention(options: argparse.Namespace) -> int:
    from chat_server.retention import by_hand
    from chat_server.settings import Settings

    print(asyncio.run(by_hand(Settings(), dry_run=options.dry_run)))
    return 0


def settings_page(_: argparse.Namespace) -> int:
    from chat_server.settings import page

    print(page(), end="")
    return 0


def check_content(_: argparse.Namespace) -> int:
    from chat_server.content.__main__ import main

    return main() or 0


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "up": (up, "start the dialogue model, the action server and the gateway, and keep them alive"),
    "serve": (serve, "start the gateway alone"),
    "train": (train, "train the dialogue model, unless there is one that fits, and have the running product use it"),
    "migrate": (migrate, "bring the database to the newest form"),
    "retention": (retention, "delete the words of conversations that are past their time"),
    "backup": (backup.run_backup, "write a backup of the store, while the service runs"),
    "restore": (backup.run_restore, "put a backup in the place of the store, while the service is stopped"),
    "erase-again": (backup.run_erase_again, "after a restore: erase what was erased since the backup was made"),
    "settings": (settings_page, "print the page of all settings, docs/settings.md"),
    "agents": (agents_cli.run, "add, list and disable agents, reset their passwords and sign-in codes"),
    "check-content": (check_content, "check the wording: keys, blanks, nations, languages"),
}


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], object]] = {
    "up": lambda command: command.add_argument("--verbose", action="store_true", help="show the output of all services here"),
    "agents": agents_cli.add_arguments,
    "retention": lambda command: command.add_argument("--dry-run", action="store_true", help="only say which conversations these are"),
    "backup": backup.add_backup_arguments,
    "restore": backup.add_restore_arguments,
    "erase-again": backup.add_erase_again_arguments,
}


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="python -m chat_server",
        description="The live chat of Child Maintenance Options. Settings are the CHAT_ variables of the environment.",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for name, (run, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".")
        command.set_defaults(run=run)
        ARGUMENTS.get(name, lambda _: None)(command)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except ValidationError as wrong:
        for error in wrong.errors():
            print(f"CHAT_{'_'.join(map(str, error['loc'])).upper()}: {error['msg']}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
