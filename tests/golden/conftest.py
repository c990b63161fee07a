"""The tests and the sections import the machinery by its plain name, as the script does."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
