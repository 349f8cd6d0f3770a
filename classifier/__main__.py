"""`python -m classifier`: the engine from a terminal."""

from __future__ import annotations

from classifier.cli.main import main

raise SystemExit(main())
