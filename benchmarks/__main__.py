"""Everything with its defaults: `python -m benchmarks` takes the options all scripts share."""

from __future__ import annotations

import sys

from benchmarks import open as opening
from benchmarks import save as saving

failed = saving.main()
print()
sys.exit(failed + opening.main())
