"""``python -m dutyrules``."""

from dutyrules.cli import main

raise SystemExit(main())
