"""Runs all benchmarks with defaults: `python -m benchmarks` takes the shared options."""

from __future__ import annotations

import sys

from benchmarks import open as opening
from benchmarks import save as saving

failed = saving.main()
print()
sys.exit(failed + opening.main())
