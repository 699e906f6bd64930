"""`python -m pointbook`."""

from __future__ import annotations

import sys

from pointbook.interfaces.cli.main import main

sys.exit(main())
