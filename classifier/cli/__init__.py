"""The command line: one module a subcommand, each with

    def arguments(parser: argparse.ArgumentParser) -> None     its flags (`--json` is the frame's)
    def run(options: argparse.Namespace, console: Console) -> int     its work; gives the exit code

`main.COMMANDS` lists them. A module is imported only when its subcommand runs, and imports torch only inside `run`.
Errors are raised (`classifier.spec.errors`); the frame turns them into one line on stderr and an exit code.
"""
