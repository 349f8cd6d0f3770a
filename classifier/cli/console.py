"""What a subcommand talks through: events out, the stop signal in, the last line, and the way it fails."""

from __future__ import annotations

import sys
from typing import TextIO

from classifier.cli.output import Bar, Lines, describe
from classifier.spec.errors import EXIT_OK, ClassifierError, ConfigError
from classifier.spec.events import Event, EventWriter, OnEvent, ShouldStop, finite, never, to_pieces


class Console:
    """Three ways to show the same events: JSON lines, plain lines (into a pipe or file), lines and a bar (on a terminal).

    Everything goes to stdout, errors to stderr. `on_event`, `should_stop` and `should_finish` are what the engine's
    functions take.
    """

    def __init__(
        self,
        *,
        as_json: bool,
        should_stop: ShouldStop = never,
        should_finish: ShouldStop = never,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.as_json = as_json
        self.should_stop = should_stop
        self.should_finish = should_finish
        self.stdout = tolerant(stdout or sys.stdout)
        self.stderr = tolerant(stderr or sys.stderr)
        self.on_terminal = not as_json and self.stdout.isatty()
        self.view: EventWriter | Lines | Bar = self._view()

    def _view(self) -> EventWriter | Lines | Bar:
        if self.as_json:
            return EventWriter(self.stdout)
        return Bar(self.stdout) if self.on_terminal else Lines(self.stdout)

    @property
    def on_event(self) -> OnEvent:
        """The listener to hand to the engine."""
        return self.view

    def line(self, event: Event) -> None:
        """One JSON line of output, whatever the mode: for subcommands whose output is data."""
        self.stdout.writelines(to_pieces(event))
        self.stdout.write("\n")
        self.stdout.flush()

    def finish(self, event: Event) -> int:
        """The last line of a subcommand that went well: JSON, or on a terminal its text."""
        if self.on_terminal:
            self.close()
            self.stdout.write(describe(finite(event)) + "\n")
            self.stdout.flush()
        else:
            self.line(event)
        return EXIT_OK

    def fail(self, error: ClassifierError) -> int:
        """One line on stderr, under --json an error event as the last line too; gives the exit code."""
        self.close()
        sentence = " ".join(error.message.split())
        if self.as_json:
            event: Event = {"event": "error", "code": error.code, "message": sentence, "retry": error.retry}
            self.line(event | ({"fields": error.fields} if isinstance(error, ConfigError) else {}))
        self.stderr.write(sentence + "\n")
        self.stderr.flush()
        return error.exit_code

    def close(self) -> None:
        """Takes the bar off the terminal."""
        if isinstance(self.view, Bar):
            self.view.clear()


def tolerant(stream: TextIO) -> TextIO:
    """The stream as UTF-8 that writes what it cannot encode as an escape (valid inside JSON) in place of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream
